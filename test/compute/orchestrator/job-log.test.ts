import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createJobId } from '../../../contracts/ids.ts';
import { JobLog } from '../../../contracts/job.ts';
import { logPath } from '../../../contracts/blob-paths.ts';
import type { Launcher } from '../../../compute/launcher/port.ts';
import * as v from 'valibot';
import {
  noLauncher,
  openOrchestratorFixture,
  openTestOrchestrator,
  startComputeJob,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';

let fixture: OrchestratorFixture;
let platform: TestOrchestrator;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
  const definition = { taskName: 'Talk', dockerImage: 'image', scriptName: 'talk.sh' };
  await fixture.storage.blobs.put('tasks/Talk.json', JSON.stringify(definition));
  await fixture.storage.blobs.put('tasks/talk.sh', 'echo');
  const launcher: Launcher = { ...noLauncher, launch: async () => {}, inspect: async () => 'running' };
  platform = await openTestOrchestrator(fixture, { launcher });
});
afterAll(async () => {
  await fixture.stopAll();
  await fixture.close();
});

const talk = async () => {
  const { body } = await platform.call('POST', 'tasks', { taskName: 'Talk' });
  return String(body['id']);
};
const logOf = async (id: string, query = '') => {
  const { status, body } = await platform.call('GET', `jobs/${id}/log${query}`);
  expect(status).toBe(200);
  return v.parse(JobLog, body);
};

/** Appends to the log like a runner. */
const append = async (id: string, bytes: string | Uint8Array<ArrayBuffer>) => {
  const link = fixture.storage.blobs.signAppendLink(logPath(id), 600);
  await fetch(link, { method: 'PUT', headers: { 'x-ms-blob-type': 'AppendBlob', 'if-none-match': '*' } });
  const { status } = await fetch(`${link}&comp=appendblock`, { method: 'PUT', body: bytes });
  expect(status).toBe(201);
};

test('of a running task: its growing tail', async () => {
  const id = await talk();
  await append(id, 'one\ntwo\n');
  expect(await logOf(id)).toEqual({ v: 1, id, text: 'one\ntwo\n', bytes: 8, truncated: false });
  // The last character is incomplete.
  await append(id, Uint8Array.from([...Buffer.from('thr'), 0xc3]));
  expect(await logOf(id)).toMatchObject({ text: 'one\ntwo\nthr', bytes: 12 });
  await append(id, Uint8Array.from([0xbc, 0x0a]));
  expect(await logOf(id)).toMatchObject({ text: 'one\ntwo\nthrü\n', bytes: 14, truncated: false });
  expect(await logOf(id, '?bytes=9')).toMatchObject({ text: 'thrü\n', bytes: 14, truncated: true });
  await platform.call('POST', `jobs/${id}/cancel`, { by: 'mona' });
  await platform.ended(id);
  expect(await logOf(id, '?bytes=9')).toMatchObject({ text: 'thrü\n', truncated: true });
});

test('one long line is cut inside the line', async () => {
  const id = await talk();
  await append(id, 'ü'.repeat(100));
  expect(await logOf(id, '?bytes=7')).toMatchObject({ text: 'üüü', bytes: 200, truncated: true });
});

test('refuses other sizes, unknown jobs, and jobs without a log', async () => {
  const id = await talk();
  const of = (job: string, query = '') => platform.call('GET', `jobs/${job}/log${query}`);
  for (const bytes of ['0', '262145', 'all', ''])
    expect(await of(id, `?bytes=${bytes}`)).toMatchObject({
      status: 400,
      body: { error: { field: 'bytes' } },
    });
  expect(await of(id)).toMatchObject({ status: 404, body: { error: { code: 'no-log' } } });
  const compute = await startComputeJob(platform, { inputCount: 1 });
  expect(await of(compute)).toMatchObject({ status: 404, body: { error: { code: 'no-log' } } });
  expect(await of(createJobId())).toMatchObject({ status: 404, body: { error: { code: 'unknown-job' } } });
});

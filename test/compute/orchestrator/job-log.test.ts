import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createJobId } from '../../../contracts/ids.ts';
import { JobLog } from '../../../contracts/job.ts';
import { LogPart } from '../../../contracts/log-part.ts';
import { logPath } from '../../../contracts/blob-paths.ts';
import type { Launcher } from '../../../compute/launcher/port.ts';
import * as v from 'valibot';
import {
  noLauncher,
  openOrchestratorFixture,
  openTestOrchestrator,
  startComputeJob,
  waitUntil,
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
  const launcher: Launcher = {
    ...noLauncher,
    launch: async () => ({ kind: 'launched' }),
    inspect: async () => ({ state: 'running', message: null }),
  };
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

describe('the last lines', () => {
  test('of a running task are at most five, in its own view alone', async () => {
    const id = await talk();
    const view = async () => (await platform.call('GET', `jobs/${id}`)).body;
    await waitUntil(async () => (await view())['state'] === 'running');
    expect(await view()).toMatchObject({ lastLines: null });
    await append(id, Array.from({ length: 9 }, (_, n) => `line ${n}\n`).join(''));
    expect(await view()).toMatchObject({ lastLines: 'line 4\nline 5\nline 6\nline 7\nline 8' });
    const { body } = await platform.call('GET', 'jobs');
    expect(body.jobs.find((job) => job.id === id)).not.toHaveProperty('lastLines');
    await platform.call('POST', `jobs/${id}/cancel`, { by: 'mona' });
    expect(await platform.ended(id)).not.toHaveProperty('lastLines');
  });

  test('of a log without line breaks are its end', async () => {
    const id = await talk();
    await waitUntil(async () => (await platform.view(id)).state === 'running');
    await append(
      id,
      Uint8Array.from({ length: 100_000 }, (_, n) => 128 + (n % 128)),
    );
    const { lastLines } = await platform.view(id);
    expect(lastLines?.length).toBeGreaterThan(1_000);
    expect(lastLines?.length).toBeLessThanOrEqual(2_048);
    await platform.call('POST', `jobs/${id}/cancel`, { by: 'mona' });
    await platform.ended(id);
  });
});

const partOf = async (id: string, query: string) => {
  const { status, body } = await platform.call('GET', `jobs/${id}/log?${query}`);
  expect(status).toBe(200);
  return v.parse(LogPart, body);
};

describe('a part from an offset on', () => {
  test('is empty before there is a log, and ends with the job', async () => {
    const id = await talk();
    expect(await partOf(id, 'offset=0')).toEqual({ v: 1, id, text: '', offset: 0, bytes: 0, ended: false });
    await append(id, 'one\ntwo\n');
    expect(await partOf(id, 'offset=4')).toMatchObject({ text: 'two\n', offset: 8, bytes: 8, ended: false });
    expect(await partOf(id, 'offset=8')).toMatchObject({ text: '', offset: 8, bytes: 8, ended: false });
    expect(await partOf(id, 'offset=99')).toMatchObject({ text: '', offset: 99, bytes: 8, ended: false });
    await platform.call('POST', `jobs/${id}/cancel`, { by: 'mona' });
    await platform.ended(id);
    expect(await partOf(id, 'offset=4')).toMatchObject({ text: 'two\n', offset: 8, ended: true });
  });

  test.each(['aé', '€uro', 'x🙂y', '\uFEFFbom'])('never splits a character: %j', async (text) => {
    const id = await talk();
    await append(id, text.repeat(5));
    let read = '';
    for (let offset = 0; offset < Buffer.byteLength(text) * 5;) {
      const part = await partOf(id, `offset=${offset}&bytes=5`);
      expect(part.offset).toBeGreaterThan(offset);
      read += part.text;
      ({ offset } = part);
    }
    expect(read).toBe(text.repeat(5));
  });

  test('holds an incomplete character back until it is complete, or the job has ended', async () => {
    const id = await talk();
    await append(id, Uint8Array.from([0x61, 0xf0, 0x9f]));
    expect(await partOf(id, 'offset=0')).toMatchObject({ text: 'a', offset: 1, bytes: 3 });
    await append(id, Uint8Array.from([0x99, 0x82, 0xe2, 0x82]));
    expect(await partOf(id, 'offset=1')).toMatchObject({ text: '🙂', offset: 5, bytes: 7 });
    await platform.call('POST', `jobs/${id}/cancel`, { by: 'mona' });
    await platform.ended(id);
    expect(await partOf(id, 'offset=5')).toMatchObject({ text: '\uFFFD', offset: 7, ended: true });
  });

  test('of binary output is bounded, and always moves forward', async () => {
    const id = await talk();
    const bytes = Uint8Array.from({ length: 4_096 }, (_, n) => (n * 37) % 256);
    await append(id, bytes);
    for (let offset = 0; offset < bytes.length;) {
      const part = await partOf(id, `offset=${offset}&bytes=100`);
      expect(part.offset - offset).toBeLessThanOrEqual(100);
      // The end of the log can look like the beginning of a character.
      if (part.offset === offset) {
        expect(bytes.length - offset).toBeLessThan(4);
        break;
      }
      ({ offset } = part);
    }
  });

  test('refuses other offsets and sizes', async () => {
    const id = await talk();
    const of = (query: string) => platform.call('GET', `jobs/${id}/log?${query}`);
    for (const offset of ['-1', 'all', '', '1e3'])
      expect(await of(`offset=${offset}`)).toMatchObject({
        status: 400,
        body: { error: { field: 'offset' } },
      });
    for (const bytes of ['3', '262145', ''])
      expect(await of(`offset=0&bytes=${bytes}`)).toMatchObject({
        status: 400,
        body: { error: { field: 'bytes' } },
      });
  });
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
  expect(await of(compute, '?offset=0')).toMatchObject({ status: 404, body: { error: { code: 'no-log' } } });
  expect(await of(createJobId(), '?offset=0')).toMatchObject({
    status: 404,
    body: { error: { code: 'unknown-job' } },
  });
  expect(await of(createJobId())).toMatchObject({ status: 404, body: { error: { code: 'unknown-job' } } });
});

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { JobId } from '../../../contracts/ids.ts';
import { startChild } from '../../../runtime/child-process.ts';
import {
  openOrchestratorFixture,
  openTestOrchestrator,
  type OrchestratorFixture,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';
import {
  approve,
  cancel,
  fetchLocks,
  toPerson,
  waitForRunning,
} from '../../fixtures/orchestrator/jobs-with-conditions.ts';
import { startFakeRelay } from '../../fakes/block-worker.ts';

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
});
afterAll(async () => {
  await fixture.stopAll();
  await fixture.close();
});

const entry = fileURLToPath(new URL('../../fixtures/orchestrator/waiting-host.ts', import.meta.url));
const lock = { scope: 'github.com/1', key: 'vm/web-1' };

/** Runs the process until its jobs wait, and kills it. */
const killedWaiting = async (file: string): Promise<[JobId, JobId]> => {
  let ids: string[] = [];
  const child = startChild({
    name: 'waiting-host',
    entry,
    arguments: [file, fixture.connectionString, lock.scope, lock.key],
    onLine: (line) => {
      ids = line.split(' ').slice(1);
      child.signal('SIGKILL');
    },
  });
  expect(await child.ended).toMatchObject({ signal: 'SIGKILL' });
  return v.parse(v.tuple([JobId, JobId]), ids);
};

test('jobs that wait survive a killed host, and continue', async () => {
  const file = join(fixture.folder, 'killed.db');
  const first = await openTestOrchestrator(fixture);
  await first.call('POST', 'locks', { ...lock, by: toPerson('mona'), reason: null });
  const [approved, locked] = await killedWaiting(file);

  const platform = await openTestOrchestrator(fixture, {
    file,
    timing: { minLockPoll: 60, maxLockPoll: 60 },
  });
  startFakeRelay(fixture, platform);
  expect(await platform.view(approved)).toMatchObject({
    state: 'waiting',
    waiting: { for: 'approval', count: 2 },
    approvals: [{ by: toPerson('lisa') }],
  });
  expect(await platform.view(locked)).toMatchObject({
    state: 'waiting',
    waiting: { for: 'lock', ...lock, holders: [{ kind: 'person', person: toPerson('mona') }], ahead: 0 },
  });
  expect(await approve(platform, approved, 'lisa')).toMatchObject({ status: 202, body: { missing: 1 } });
  expect(await approve(platform, approved, 'hubot')).toMatchObject({ status: 202, body: { missing: 0 } });
  await platform.call('POST', 'locks/release', { ...lock, by: toPerson('mona') });
  for (const id of [approved, locked]) {
    await waitForRunning(platform, id);
    await cancel(platform, id);
    await platform.ended(id);
  }
  expect(await fetchLocks(platform, lock.scope)).toEqual([]);
});

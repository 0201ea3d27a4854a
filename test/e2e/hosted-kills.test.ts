import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { killStates, runKilledRound } from '../../bench/chaos/orchestrator-kills.ts';
import { openStorage } from '../../compute/storage/open-storage.ts';
import { writeTestPackage } from '../fixtures/hosted-orchestrator.ts';
import { startTestPlatform, type LocalPlatform } from '../fixtures/local-platform.ts';
import {
  openRecords,
  putRecordingTasks,
  recordingPolicy,
  type Records,
} from '../fixtures/recording-tasks.ts';
import { createThreadClient, type ThreadClient } from '../fixtures/thread-client.ts';

/* The packaged orchestrator, hosted as on Azure, is killed with SIGKILL in each state of the jobs. `npm run chaos -- --hosted` does more. */

let app: Awaited<ReturnType<typeof writeTestPackage>>;
let platform: LocalPlatform;
let thread: ThreadClient;
let records: Records;
beforeAll(async () => {
  app = await writeTestPackage();
  records = await openRecords();
  platform = await startTestPlatform(() => ({ COXSWAIN_FUNCTIONS_APP: app.file }));
  thread = createThreadClient(platform);
  await putRecordingTasks(openStorage((await platform.file()).storage.connectionString).blobs);
  await thread.replacePolicy(recordingPolicy);
});
afterAll(async () => {
  await platform.remove();
  await records.remove();
  await app.remove();
});

test('killing the hosted orchestrator neither loses nor repeats blocks, scripts, locks or approvals', async () => {
  const round = { platform, thread, records, name: 'x', kills: new Set(killStates) };
  expect(await runKilledRound(round)).toEqual([]);
}, 300_000);

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createJobId, type JobId } from '../../../../contracts/ids.ts';
import type { JobPresence, Launcher } from '../../../../compute/launcher/port.ts';
import {
  noLauncher,
  openOrchestratorFixture,
  openTestOrchestrator,
  startComputeJob,
  type OrchestratorFixture,
} from '../../../fixtures/orchestrator/orchestrator-fixture.ts';

/* The chore that makes a launcher remove the runners of jobs that have ended or do not exist. */

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
});
afterEach(() => fixture.stopAll());
afterAll(() => fixture.close());

test('the launcher learns which jobs run, have ended, and do not exist', async () => {
  const found: Record<string, JobPresence> = {};
  const jobs: JobId[] = [];
  const launcher: Launcher = {
    ...noLauncher,
    sweep: async (findJob) => {
      for (const job of jobs) found[job] = await findJob(job);
    },
  };
  const platform = await openTestOrchestrator(fixture, { launcher });
  const live = await startComputeJob(platform, { inputCount: 1 });
  const ended = await startComputeJob(platform, { inputCount: 1 });
  await platform.client.terminate(ended, 'enough');
  const unknown = createJobId();
  jobs.push(live, ended, unknown);
  await platform.runChore('sweep-runners');
  expect(found).toEqual({ [live]: 'live', [ended]: 'ended', [unknown]: 'unknown' });
  await platform.client.terminate(live, 'enough');
});

test('a launcher that leaves no runners has no such chore', async () => {
  const platform = await openTestOrchestrator(fixture);
  await expect(platform.runChore('sweep-runners')).rejects.toThrow('no chore is named sweep-runners');
});

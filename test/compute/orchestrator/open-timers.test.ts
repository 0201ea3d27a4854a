import { afterEach, expect, test } from '@jest/globals';
import { orchestrations } from '../../../.ci/histories/orchestrations.ts';
import { scriptActivities, type Results } from '../../../.ci/histories/scenario.ts';
import { startCompute, startTask, toId } from '../../../.ci/histories/scenario-steps.ts';
import { openClockedHost, type ClockedHost } from '../../fixtures/clocked-host.ts';
import type { HostMode } from '../../fixtures/durable-host.ts';

/*
 * On Azure, an orchestration ends only when all its timers have fired or are canceled, also if it fails. A job whose activity fails
 * again and again must therefore not leave a timer for its deadline, which can be days away.
 */

const modes = ['live', 'replay', 'hosted'] as const;
const broken = new Error('storage is away');
const job = toId(1);

let host: ClockedHost;
afterEach(() => host.close());

const openHost = async (sessions: HostMode, results: Results): Promise<void> => {
  const activities = scriptActivities({ [job]: results });
  host = await openClockedHost({ orchestrations, activities, sessions, startAt: Date.UTC(2026, 0, 1) });
};

/** Eight attempts of an activity take less than a minute. */
const expectFailed = async (): Promise<void> => {
  await host.advance(60_000);
  expect(await host.status(job)).toMatchObject({
    runtimeStatus: 'Completed',
    output: { state: 'failed', reason: 'internal' },
  });
  const { instances } = await host.client.list({});
  expect(instances.filter(({ runtimeStatus }) => runtimeStatus === 'Running')).toEqual([]);
};

test.each(modes)('a batch whose polls fail ends its job, sessions: %s', async (sessions) => {
  const put = { blocks: [], skipped: false };
  await openHost(sessions, { PutBlocks: [put], LookAtBatch: [broken], MarkJob: [{ links: [] }] });
  await startCompute(host, job, {});
  await expectFailed();
});

test.each(modes)('a group of batches does, too, sessions: %s', async (sessions) => {
  await openHost(sessions, { PutBlocks: [broken], MarkJob: [{ links: [] }] });
  await startCompute(host, job, { inputCount: 10_001 });
  await expectFailed();
});

test.each(modes)('a task whose runner cannot be inspected ends, sessions: %s', async (sessions) => {
  const collected = { started: true, logTail: null };
  const launched = { timeoutSeconds: 86_400 };
  await openHost(sessions, {
    LaunchRunner: [launched],
    InspectRunner: [broken],
    CollectRun: [collected],
  });
  await startTask(host, job);
  await expectFailed();
});

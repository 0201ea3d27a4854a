import { afterEach, expect, test } from '@jest/globals';
import type { OrchestrationContext } from 'durable-functions';
import type { Orchestration, Registry, Steps } from '../../../compute/orchestrator/durable.ts';
import { computeBatch } from '../../../compute/orchestrator/orchestrations/compute-batch.ts';
import { computeOrchestrator } from '../../../compute/orchestrator/orchestrations/compute-orchestrator.ts';
import { taskOrchestrator } from '../../../compute/orchestrator/orchestrations/task-orchestrator.ts';
import { defaultTiming } from '../../../compute/orchestrator/timing.ts';
import { openClockedHost, type ClockedHost } from '../../fixtures/clocked-host.ts';
import type { HostMode } from '../../fixtures/durable-host.ts';

/*
 * Jobs that wait for weeks: the approval's expiry and the job's deadline pass their timers in each mode, also where the Durable Functions
 * extension limits the length of a timer. The clock is not real; the host, its histories and the orchestrations are.
 */

const day = 86_400_000;
const startAt = Date.UTC(2026, 0, 1);
const job = 'job-00000000000000000000000000000001';
const modes = ['live', 'replay', 'hosted'] as const;

const input = {
  v: 1,
  acceptedAt: new Date(startAt).toISOString(),
  request: {
    jobId: job,
    conditions: {
      approval: {
        code: 'k3x9q0aa7b',
        count: 1,
        expiresSeconds: 30 * 86_400,
        requester: { id: '7', name: 'mona' },
      },
      locks: [],
    },
    origin: {},
  },
  startedBy: { kind: 'platform', name: 'the platform', entry: true },
};
const computation = { inputCount: 3, algorithm: 'sum', parameters: {}, blockSize: 1 };
const computeInput = (timeoutDays: number) => ({
  ...input,
  kind: 'compute',
  request: { ...input.request, ...computation, timeoutSeconds: timeoutDays * 86_400 },
  parameters: {},
});
const taskInput = {
  ...input,
  kind: 'task',
  request: { ...input.request, taskName: 'Greet', parameters: [] },
  secrets: [],
  locks: [],
};

/** Blocks end at once, or never. A script runs for seven days at most, and does not end by itself. */
const activitiesOf = (blocksEnd: boolean): Registry['activities'] => ({
  PutBlocks: async () => ({ blocks: blocksEnd ? [0, 1, 2] : [], skipped: false }),
  LookAtBatch: async () => ({ stop: null, blocks: [] }),
  CombineBatch: async () => ({ done: 3, failed: 0 }),
  TallyBatch: async () => ({ done: 0, failed: 0 }),
  MarkJob: async () => ({ links: [] }),
  Reduce: async () => ({
    counts: { done: 3, failed: 0, total: 3 },
    failures: [],
    error: null,
    result: { sum: 6 },
  }),
  LaunchRunner: async () => ({ timeoutSeconds: 7 * 86_400 }),
  InspectRunner: async () => ({ exit: null, lost: false }),
  CollectRun: async () => ({ started: true, logTail: null }),
  Checkpoint: async () => null,
});

// A timer that fires each minute for a week would only cost time.
const timing = { ...defaultTiming, maxBatchPoll: 43_200, maxRunnerPoll: 43_200 };

let host: ClockedHost;
afterEach(() => host.close());

const current: Readonly<Record<string, Orchestration>> = {
  ComputeOrchestrator: computeOrchestrator(timing),
  ComputeBatch: computeBatch(timing),
  TaskOrchestrator: taskOrchestrator(timing),
};

const openHost = async (sessions: HostMode, blocksEnd = true, orchestrations = current): Promise<void> => {
  host = await openClockedHost({
    orchestrations,
    activities: activitiesOf(blocksEnd),
    sessions,
    startAt,
  });
};

const start = async (name: string, jobInput: unknown): Promise<void> => {
  await host.client.start(name, job, jobInput);
  await host.settle();
};

const approve = async (code = 'k3x9q0aa7b'): Promise<void> => {
  const by = { id: '8', name: 'lisa' };
  await host.client.raiseEvent(job, 'Approval', { decision: 'approve', by, code, reason: null });
  await host.settle();
};

const getOutput = async () => {
  const status = await host.status(job);
  return { runtimeStatus: status?.runtimeStatus, output: status?.output };
};

test.each(modes)('an approval on day 29 starts the job, sessions: %s', async (sessions) => {
  await openHost(sessions);
  await start('ComputeOrchestrator', computeInput(1));
  await host.advance(11 * day);
  await approve('other-code');
  await host.advance(18 * day);
  expect(await getOutput()).toMatchObject({ runtimeStatus: 'Running' });
  await approve();
  expect(await getOutput()).toMatchObject({
    runtimeStatus: 'Completed',
    output: { state: 'completed', startedAt: '2026-01-30T00:00:00.000Z' },
  });
});

test.each(modes)('without an approval, the job ends on day 30, sessions: %s', async (sessions) => {
  await openHost(sessions);
  await start('ComputeOrchestrator', computeInput(1));
  await host.advance(11 * day);
  await approve('other-code');
  await host.advance(19 * day - 1);
  expect(await getOutput()).toMatchObject({ runtimeStatus: 'Running' });
  await host.advance(1);
  expect(await getOutput()).toMatchObject({
    runtimeStatus: 'Completed',
    output: { state: 'timed-out', reason: 'approval-expired', endedAt: '2026-01-31T00:00:00.000Z' },
  });
});

test.each(modes)('after it, a job of seven days ends at its deadline, sessions: %s', async (sessions) => {
  await openHost(sessions, false);
  await start('ComputeOrchestrator', computeInput(7));
  await host.advance(29 * day);
  await approve();
  await host.advance(7 * day - 1);
  expect(await getOutput()).toMatchObject({ runtimeStatus: 'Running' });
  await host.advance(60_000);
  expect(await getOutput()).toMatchObject({
    runtimeStatus: 'Completed',
    output: { state: 'timed-out', reason: 'deadline', counts: { done: 0, failed: 0, total: 3 } },
  });
});

test.each(modes)('so does a task of seven days, sessions: %s', async (sessions) => {
  await openHost(sessions);
  await start('TaskOrchestrator', taskInput);
  await host.advance(29 * day);
  await approve();
  await host.advance(7 * day);
  expect(await getOutput()).toMatchObject({ runtimeStatus: 'Running' });
  await host.advance(day);
  expect(await getOutput()).toMatchObject({
    runtimeStatus: 'Completed',
    output: { state: 'timed-out', reason: 'deadline' },
  });
});

/** The behavior of older versions: one timer for the whole approval. */
const withOneTimer = function* (context: OrchestrationContext): Steps<unknown> {
  const { df } = context;
  const createTimer = df.createTimer.bind(df);
  let isFirst = true;
  df.createTimer = (fireAt) => {
    const at = isFirst ? new Date(startAt + 30 * day) : fireAt;
    isFirst = false;
    return createTimer(at);
  };
  return yield* (current['ComputeOrchestrator'] as Orchestration)(context);
};

test.each([
  ['approved', 'completed'],
  ['not approved', 'timed-out'],
])('a job that an older version started, %s, ends as %s', async (verdict, state) => {
  const orchestrations = { ...current, ComputeOrchestrator: withOneTimer };
  await openHost('live', true, orchestrations);
  await start('ComputeOrchestrator', computeInput(1));
  await host.advance(5 * day);
  await approve('other-code');
  Object.assign(orchestrations, current);
  await host.advance(24 * day);
  expect(await getOutput()).toMatchObject({ runtimeStatus: 'Running' });
  if (verdict === 'approved') await approve();
  await host.advance(day);
  expect(await getOutput()).toMatchObject({ runtimeStatus: 'Completed', output: { state } });
});

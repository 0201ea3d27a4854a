import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { computeBatch } from '../../../compute/orchestrator/orchestrations/compute-batch.ts';
import { computeOrchestrator } from '../../../compute/orchestrator/orchestrations/compute-orchestrator.ts';
import { taskOrchestrator } from '../../../compute/orchestrator/orchestrations/task-orchestrator.ts';
import type { Orchestration } from '../../../compute/orchestrator/durable.ts';
import type { Timing } from '../../../compute/orchestrator/timing.ts';
import type { HistoryEvent } from '../../../local/durable-host/session/history-events.ts';
import { extensionTimers } from '../../../local/durable-host/session/executor.ts';
import { OrchestrationSession, type EpisodeOutcome } from '../../../local/durable-host/session/session.ts';
import { createLogger } from '../../../runtime/log.ts';

/*
 * Histories that an older version of the orchestrations recorded, each with the decisions of its episodes: the tasks that were
 * scheduled, with their inputs and times, the timers that were canceled, the custom status and the end. An orchestration that is
 * running when the orchestrator is updated is replayed by the new code, so the new code has to make the same decisions at each step.
 */

type Decisions = {
  scheduled: readonly unknown[];
  canceledTimers: readonly number[];
  customStatus: string | null;
  end: unknown;
};
/** An event without the fields that are the same in most: `EventId` is -1 for all but scheduled tasks, `IsPlayed` is false. */
type RecordedEvent = Omit<HistoryEvent, 'EventId' | 'IsPlayed'> & { EventId?: number };
type Episode = { history: RecordedEvent[]; decisions: Decisions };
type Instance = { name: string; instanceId: string; parentId?: string; input: unknown; episodes: Episode[] };

/** The timing under which the histories were recorded: every wait differs, so that none can pass for another. */
const timing: Timing = {
  minBatchPoll: 0.5,
  maxBatchPoll: 4,
  minRunnerPoll: 0.3,
  maxRunnerPoll: 0.9,
  runnerGrace: 0.7,
  stopGrace: 20,
  minLockPoll: 0.2,
  maxLockPoll: 0.6,
  maxLockWait: 60,
  minRetryDelay: 0.05,
};

const orchestrations: Record<string, Orchestration> = {
  ComputeOrchestrator: computeOrchestrator(timing),
  ComputeBatch: computeBatch(timing),
  TaskOrchestrator: taskOrchestrator(timing),
};

const log = createLogger('test', 'silent');

const openSession = ({ name, instanceId, parentId, input, episodes }: Instance): OrchestrationSession => {
  const orchestration = orchestrations[name];
  if (!orchestration) throw new Error(`There is no orchestration ${name}`);
  const startedAt = new Date(episodes[0]?.history[0]?.Timestamp ?? NaN);
  return new OrchestrationSession({
    orchestration,
    name,
    instanceId,
    executionId: 'recorded',
    parentId,
    input,
    startedAt,
    timers: extensionTimers,
    log,
  });
};

/** The kinds of history events that a decision adds: `TaskScheduled`, `SubOrchestrationInstanceCreated`, `TimerCreated`. */
const scheduling = [4, 7, 10];

const toDecisions = ({ scheduled, canceledTimers, customStatus, end }: EpisodeOutcome): Decisions => ({
  scheduled: scheduled.map((task) => ({ ...task, isCanceled: undefined })),
  canceledTimers,
  customStatus,
  end: end ?? null,
});

const toEvent = (event: RecordedEvent): HistoryEvent => ({ EventId: -1, IsPlayed: false, ...event });

/** Replays an instance up to an episode, and runs that episode. */
const decide = (instance: Instance, at: number): Decisions => {
  const session = openSession(instance);
  const earlier = instance.episodes.slice(0, at);
  const scheduled = earlier.flatMap(({ decisions }) => decisions.scheduled).length;
  if (at > 0)
    session.replay(
      earlier.flatMap(({ history }) => history.map(toEvent)),
      scheduled,
    );
  const events = (instance.episodes[at]?.history ?? []).map(toEvent);
  return toDecisions(session.run(events.filter(({ EventType }) => !scheduling.includes(EventType))));
};

const folder = new URL('../../fixtures/older/histories/', import.meta.url);
const files = (await readdir(folder)).filter((file) => file.endsWith('.json'));

test('there are histories of each orchestration', async () => {
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')));
  const instances = texts.flatMap((text) => (JSON.parse(text) as { instances: Instance[] }).instances);
  const names = new Set(instances.map(({ name }) => name));
  expect([...names].toSorted()).toEqual(Object.keys(orchestrations).toSorted());
});

test.each(files)('%s replays at each step to the decisions that the older version recorded', async (file) => {
  const text = await readFile(new URL(file, folder), 'utf8');
  const { instances } = JSON.parse(text) as { instances: Instance[] };
  expect(instances.length).toBeGreaterThan(0);
  for (const instance of instances)
    for (const [at, { decisions }] of instance.episodes.entries())
      expect({ at, ...decide(instance, at) }).toEqual({ at, ...decisions });
});

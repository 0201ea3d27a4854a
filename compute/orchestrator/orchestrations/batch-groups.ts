import type { Task } from 'durable-functions';
import { toGroupId } from '../../../contracts/ids.ts';
import type { Steps } from '../durable.ts';
import type { JobStop } from '../job/cancellation-marker.ts';
import type { ComputeJob } from '../job/job-state.ts';
import type { BatchPool } from './batch-pool.ts';
import type { GroupInput, GroupOutcome } from './compute-group.ts';
import { cancelTimers, createTimerAfter } from './stop-signals.ts';
import { isSettled, whenAny } from './when-any.ts';

/**
 * The maximum number of batches that one orchestration runs. Its history, which is replayed after each of them, grows with their number:
 * without a maximum, the cost of a batch would grow with the size of its job.
 */
const maxBatchesPerGroup = 100;

/** Returns whether a job runs its batches in groups. A job of an older version never does, regardless of its size. */
export const needsGroups = ({ revision }: ComputeJob, batches: number): boolean =>
  revision !== undefined && batches > maxBatchesPerGroup;

/**
 * Runs batches in groups, one group after the other, until all have ended or a stop signal arrives. It does the same as `runBatches`, with
 * the same maximum of batches in flight.
 * @throws the error of a group
 */
export function* runGroups(batches: readonly number[], pool: BatchPool): Steps<JobStop | null> {
  const { context, plan, attempt, stopSignals } = pool;
  for (const [group, members] of Map.groupBy(batches, toGroup)) {
    if (stopSignals.stop) return stopSignals.stop;
    const input: GroupInput = { plan, batches: members, attempt };
    const task = context.df.callSubOrchestrator('ComputeGroup', input, toGroupId(plan.job, group, attempt));
    const stop = yield* waitForGroup(task, pool);
    if (stop) return stop;
  }
  return null;
}

const toGroup = (batch: number): number => Math.floor(batch / maxBatchesPerGroup);

/** Waits until a group has ended. After a stop signal, which also reaches the group, it waits a limited time for the group's counts. */
function* waitForGroup(task: Task, pool: BatchPool): Steps<JobStop | null> {
  const { context, timing, stopSignals } = pool;
  yield* stopSignals.waitForAny([task]);
  const { stop = null } = stopSignals;
  if (stop && !isSettled(task)) {
    // The group itself waits for its batches for `stopGrace`.
    const grace = createTimerAfter(context, 2 * timing.stopGrace);
    yield* whenAny(context, [grace, task]);
    cancelTimers(grace);
  }
  return collectGroup(task, pool) ?? stop;
}

/** Adds the counts of the batches of a group that has ended. Returns the stop that it reports. */
const collectGroup = (task: Task, { onEnd }: BatchPool): JobStop | null => {
  if (!isSettled(task)) return null;
  if (task.isFaulted) throw task.result;
  const { stop, batches } = task.result as GroupOutcome;
  for (const { batch, ...counts } of batches) onEnd(batch, counts);
  return stop;
};

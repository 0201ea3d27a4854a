import type { Task } from 'durable-functions';
import { toBatchId } from '../../../contracts/ids.ts';
import type { Steps } from '../durable.ts';
import { planBatch, type JobPlan } from '../job/batch-plan.ts';
import type { JobStop } from '../job/cancellation-marker.ts';
import type { OrchestrationRun } from './call-activity.ts';
import type { BatchOutcome } from './compute-batch.ts';
import type { BatchCounts } from './progress.ts';
import { cancelTimers, createTimerAfter, type StopSignals } from './stop-signals.ts';
import { isSettled, whenAny } from './when-any.ts';

/** The maximum number of batches of a job in flight, so that a small job does not wait behind all batches of a large one. */
const maxBatchesInFlight = 10;

/** `attempt`: the number of earlier runs of these batches, which is part of their instance ids. */
export type BatchPool = OrchestrationRun & {
  plan: JobPlan;
  stopSignals: StopSignals;
  attempt: number;
  onEnd: (batch: number, counts: BatchCounts) => void;
};

/**
 * Runs batches in order, several at a time, until all have ended or a stop signal arrives. Batches in flight stop by themselves;
 * they have `stopGrace` seconds to report their counts.
 * @throws the error of a batch
 */
export function* runBatches(batches: readonly number[], pool: BatchPool): Steps<JobStop | null> {
  const { context, plan, stopSignals, attempt } = pool;
  const queue = [...batches];
  const running = new Map<number, Task>();
  for (;;) {
    for (const batch of queue.splice(0, maxBatchesInFlight - running.size)) {
      const id = toBatchId(plan.job, batch, attempt);
      running.set(batch, context.df.callSubOrchestrator('ComputeBatch', planBatch(plan, batch), id));
    }
    if (running.size === 0) return null;
    yield* stopSignals.waitForAny([...running.values()]);
    const stop = collectEnded(running, pool) ?? stopSignals.stop;
    if (stop) {
      yield* drainBatches(running, pool);
      return stop;
    }
  }
}

/** Removes the batches that have ended from `running`. Returns the first stop that one of them reports. */
const collectEnded = (running: Map<number, Task>, { onEnd }: BatchPool): JobStop | null => {
  let stop: JobStop | null = null;
  for (const [batch, task] of running) {
    if (!isSettled(task)) continue;
    running.delete(batch);
    if (task.isFaulted) throw task.result;
    const { done, failed, stop: reported } = task.result as BatchOutcome;
    onEnd(batch, { done, failed });
    stop ??= reported;
  }
  return stop;
};

function* drainBatches(running: Map<number, Task>, pool: BatchPool): Steps<void> {
  const { context, timing } = pool;
  const grace = createTimerAfter(context, timing.stopGrace);
  try {
    while (running.size > 0 && !isSettled(grace)) {
      yield* whenAny(context, [grace, ...running.values()]);
      collectEnded(running, pool);
    }
  } finally {
    cancelTimers(grace);
  }
}

import type { Task } from 'durable-functions';
import { toBatchId } from '../../../contracts/ids.ts';
import type { Steps } from '../durable.ts';
import type { BatchPlan } from '../job/batch-plan.ts';
import type { JobStop } from '../job/cancellation-marker.ts';
import type { OrchestrationRun } from './call-activity.ts';
import type { BatchOutcome } from './compute-batch.ts';
import { cancelTimers, createTimerAfter, type StopSignals } from './stop-signals.ts';
import { isSettled, whenAny } from './when-any.ts';

/** The maximum number of batches of a job in flight, so that a small job does not wait behind all batches of a large one. */
const maxBatchesInFlight = 10;

/** `attempt`: the number of earlier runs of these batches, which is part of their instance ids. */
export type BatchPool = OrchestrationRun & {
  stopSignals: StopSignals;
  attempt: number;
  onEnd: (batch: number, outcome: BatchOutcome) => void;
};

/**
 * Runs batches in order, several at a time, until all have ended or a stop signal arrives. Batches in flight stop by themselves;
 * they have `stopGrace` seconds to report their counts.
 * @throws the error of a batch
 */
export function* runBatches(plans: readonly BatchPlan[], pool: BatchPool): Steps<JobStop | null> {
  const { context, stopSignals, attempt } = pool;
  const queue = [...plans];
  const running = new Map<number, Task>();
  for (;;) {
    while (running.size < maxBatchesInFlight && queue[0]) {
      const plan = queue[0];
      queue.shift();
      running.set(
        plan.batch,
        context.df.callSubOrchestrator('ComputeBatch', plan, toBatchId(plan.job, plan.batch, attempt)),
      );
    }
    if (running.size === 0) return null;
    yield* whenAny(context, [...stopSignals.tasks, ...running.values()]);
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
    const outcome = task.result as BatchOutcome;
    onEnd(batch, outcome);
    stop ??= outcome.stop;
  }
  return stop;
};

function* drainBatches(running: Map<number, Task>, pool: BatchPool): Steps<void> {
  const { context, timing } = pool;
  const grace = createTimerAfter(context, timing.stopGrace);
  while (running.size > 0 && !isSettled(grace)) {
    yield* whenAny(context, [grace, ...running.values()]);
    collectEnded(running, pool);
  }
  cancelTimers(grace);
}

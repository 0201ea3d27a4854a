import type { OrchestrationContext, Task } from 'durable-functions';
import type { Steps } from '../durable.ts';
import { toBatchId } from '../../../contracts/ids.ts';
import type { BatchPlan } from '../job/batch-plan.ts';
import type { JobStop } from '../job/cancellation-marker.ts';
import type { Timing } from '../timing.ts';
import type { BatchOutcome } from './compute-batch.ts';
import { isSettled, whenAny } from './when-any.ts';
import { cancelTimers, createTimerAfter, type StopSignals } from './stop-signals.ts';

/** Batches of a job in flight at once, so that the next person's small job does not wait behind all of a large one. */
const maxBatchesInFlight = 10;

export type PoolOptions = {
  context: OrchestrationContext;
  timing: Timing;
  watch: StopSignals;
  /** Which run of its batches this is, from 0. */
  run: number;
  onEnd: (batch: number, end: BatchOutcome) => void;
};

/**
 * Runs batches in order, some at a time, until all have ended or the job has to stop; then those in flight, which stop by
 * themselves, have `stopGrace` seconds to tell how far they came.
 * @throws what a batch threw
 */
export function* runBatches(plans: readonly BatchPlan[], options: PoolOptions): Steps<JobStop | null> {
  const { context, watch, run, onEnd } = options;
  const queue = [...plans];
  const running = new Map<number, Task>();
  for (;;) {
    while (running.size < maxBatchesInFlight && queue[0]) {
      const plan = queue[0];
      queue.shift();
      running.set(
        plan.batch,
        context.df.callSubOrchestrator('ComputeBatch', plan, toBatchId(plan.job, plan.batch, run)),
      );
    }
    if (running.size === 0) return null;
    yield* whenAny(context, [...watch.tasks, ...running.values()]);
    const stop = collectEnded(running, onEnd) ?? watch.stop;
    if (stop) {
      yield* drainBatches(running, options);
      return stop;
    }
  }
}

/** Takes those that have ended out of `running`; tells of a stop that one of them has noticed. */
const collectEnded = (running: Map<number, Task>, onEnd: PoolOptions['onEnd']): JobStop | null => {
  let stop: JobStop | null = null;
  for (const [batch, task] of running) {
    if (!isSettled(task)) continue;
    running.delete(batch);
    if (task.isFaulted) throw task.result;
    const end = task.result as BatchOutcome;
    onEnd(batch, end);
    stop ??= end.stop;
  }
  return stop;
};

function* drainBatches(running: Map<number, Task>, { context, timing, onEnd }: PoolOptions): Steps<void> {
  const grace = createTimerAfter(context, timing.stopGrace);
  while (running.size > 0 && !isSettled(grace)) {
    yield* whenAny(context, [grace, ...running.values()]);
    collectEnded(running, onEnd);
  }
  cancelTimers(grace);
}

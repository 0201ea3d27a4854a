import type { OrchestrationContext, Task } from 'durable-functions';
import type { Steps } from '../durable.ts';
import { batchId } from '../../../contracts/ids.ts';
import type { BatchPlan } from '../job/batch-plan.ts';
import type { Stop } from '../job/cancellation-marker.ts';
import type { Timing } from '../timing.ts';
import type { BatchEnd } from './compute-batch.ts';
import { isOver, race } from './when-any.ts';
import { cancelTimers, timerAfter, type Watch } from './stop-signals.ts';

/** Batches of a job in flight at once, so that the next person's small job does not wait behind all of a large one. */
const inFlight = 10;

export type PoolOptions = {
  context: OrchestrationContext;
  timing: Timing;
  watch: Watch;
  /** Which run of its batches this is, from 0. */
  run: number;
  onEnd: (batch: number, end: BatchEnd) => void;
};

/**
 * Runs batches in order, some at a time, until all have ended or the job has to stop; then those in flight, which stop by
 * themselves, have `stopGrace` seconds to tell how far they came.
 * @throws what a batch threw
 */
export function* runBatches(plans: readonly BatchPlan[], options: PoolOptions): Steps<Stop | null> {
  const { context, watch, run, onEnd } = options;
  const waiting = [...plans];
  const running = new Map<number, Task>();
  for (;;) {
    while (running.size < inFlight && waiting[0]) {
      const plan = waiting[0];
      waiting.shift();
      running.set(
        plan.batch,
        context.df.callSubOrchestrator('ComputeBatch', plan, batchId(plan.job, plan.batch, run)),
      );
    }
    if (running.size === 0) return null;
    yield* race(context, [...watch.tasks, ...running.values()]);
    const stop = collect(running, onEnd) ?? watch.stop;
    if (stop) {
      yield* comeHome(running, options);
      return stop;
    }
  }
}

/** Takes those that have ended out of `running`; tells of a stop that one of them has noticed. */
const collect = (running: Map<number, Task>, onEnd: PoolOptions['onEnd']): Stop | null => {
  let stop: Stop | null = null;
  for (const [batch, task] of running) {
    if (!isOver(task)) continue;
    running.delete(batch);
    if (task.isFaulted) throw task.result;
    const end = task.result as BatchEnd;
    onEnd(batch, end);
    stop ??= end.stop;
  }
  return stop;
};

function* comeHome(running: Map<number, Task>, { context, timing, onEnd }: PoolOptions): Steps<void> {
  const grace = timerAfter(context, timing.stopGrace);
  while (running.size > 0 && !isOver(grace)) {
    yield* race(context, [grace, ...running.values()]);
    collect(running, onEnd);
  }
  cancelTimers(grace);
}

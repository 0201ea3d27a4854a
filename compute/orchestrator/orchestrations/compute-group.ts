import type { Orchestration, Steps } from '../durable.ts';
import type { JobPlan } from '../job/batch-plan.ts';
import type { JobStop } from '../job/cancellation-marker.ts';
import type { Timing } from '../timing.ts';
import { runBatches } from './batch-pool.ts';
import type { BatchCounts } from './progress.ts';
import { StopSignals } from './stop-signals.ts';

/** `batches`: the indexes of the batches to run; `attempt`: the number of their earlier runs. */
export type GroupInput = { plan: JobPlan; batches: number[]; attempt: number };

/** The outcome of a group: complete if `stop` is null. `batches`: the counts of those that have ended. */
export type GroupOutcome = { stop: JobStop | null; batches: (BatchCounts & { batch: number })[] };

/** Runs a group of the batches of a job that has more than one orchestration should run. */
export const computeGroup = (timing: Timing): Orchestration =>
  function* (context): Steps<GroupOutcome> {
    const { plan, batches, attempt } = context.df.getInput<GroupInput>();
    const stopSignals = new StopSignals({ context, timing }, new Date(plan.deadline));
    const ended: GroupOutcome['batches'] = [];
    const onEnd = (batch: number, counts: BatchCounts) => void ended.push({ batch, ...counts });
    try {
      const stop = yield* runBatches(batches, { context, timing, plan, stopSignals, attempt, onEnd });
      return { stop, batches: ended };
    } finally {
      stopSignals.end();
    }
  };

import type { OrchestrationContext } from 'durable-functions';
import { blocksOf, type BatchPlan } from '../batch-plan.ts';
import type { Orchestration, Steps } from '../durable.ts';
import type { Stop } from '../stop.ts';
import type { Timing } from '../timing.ts';
import { call } from './call.ts';
import { Rounds } from './rounds.ts';
import { SeenBlocks } from './seen-blocks.ts';
import { Watch } from './watch.ts';

/** How a batch ended: with all its blocks, or stopped; then the counts say how far it had come. */
export type BatchEnd = { done: number; failed: number; stop: Stop | null };

/**
 * Drives up to 100 blocks: puts their inputs and messages, waits until each has an output, combines the outputs to the batch's
 * partial. Events are hints, outputs decide. Its custom status is its progress: `{done, failed, total}`.
 */
export const computeBatch = (timing: Timing): Orchestration =>
  function* (context): Steps<BatchEnd> {
    const plan = context.df.getInput<BatchPlan>();
    const rounds = new Rounds(context, new Watch(context, new Date(plan.deadline)), timing);
    show(context, plan, { done: 0, failed: 0 });
    const stop = yield* untilCombined(context, timing, plan, rounds);
    rounds.end();
    if ('done' in stop) return show(context, plan, stop);
    const counts = yield* call(context, timing, 'TallyBatch', { plan });
    return show(context, plan, { ...counts, stop });
  };

const show = (
  context: OrchestrationContext,
  { count: total }: BatchPlan,
  { done, failed, stop = null }: Omit<BatchEnd, 'stop'> & { stop?: Stop | null },
): BatchEnd => {
  context.df.setCustomStatus({ done, failed, total });
  return { done, failed, stop };
};

type Combined = { done: number; failed: number };

/** Puts, waits, combines, until the batch's partial is written or it has to stop. */
function* untilCombined(
  context: OrchestrationContext,
  timing: Timing,
  plan: BatchPlan,
  rounds: Rounds,
): Steps<Combined | Stop> {
  const seen = new SeenBlocks(blocksOf(plan));
  for (;;) {
    const { stop } = yield* call(context, timing, 'PutBlocks', { plan });
    if (stop) return stop;
    const waited = yield* untilComplete(context, timing, plan, rounds, seen);
    if (waited === 'put-again') continue;
    if (waited !== 'complete') return waited;
    const combined = yield* call(context, timing, 'CombineBatch', { plan });
    if ('done' in combined) return combined;
    seen.forget(combined.missing);
  }
}

/** Waits until all outputs seem to be there, or some seem lost, or it has to stop. */
function* untilComplete(
  context: OrchestrationContext,
  timing: Timing,
  plan: BatchPlan,
  rounds: Rounds,
  seen: SeenBlocks,
): Steps<'complete' | 'put-again' | Stop> {
  while (!seen.complete) {
    const news = yield* rounds.next();
    if (news.kind === 'stop') return news.stop;
    if (news.kind === 'blocks') {
      if (seen.add(news.blocks)) rounds.progress();
    } else {
      const look = yield* call(context, timing, 'LookAtBatch', { plan });
      if (look.stop) return look.stop;
      const { lost, grown } = seen.correct(look.blocks);
      if (grown) rounds.progress();
      if (lost || (!grown && rounds.silence())) return 'put-again';
    }
    show(context, plan, { done: seen.count, failed: 0 });
  }
  return 'complete';
}

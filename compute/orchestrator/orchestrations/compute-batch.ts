import type { OrchestrationContext } from 'durable-functions';
import { blocksOf, type BatchPlan } from '../job/batch-plan.ts';
import type { Orchestration, Steps } from '../durable.ts';
import type { Stop } from '../job/cancellation-marker.ts';
import type { Timing } from '../timing.ts';
import { call } from './call-activity.ts';
import { Rounds } from './rounds.ts';
import { SeenBlocks } from './seen-blocks.ts';
import { Watch } from './stop-signals.ts';

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
    const ended = yield* untilCombined(context, timing, plan, rounds);
    rounds.end();
    if ('done' in ended) return show(context, plan, ended);
    const counts = yield* call(context, timing, 'TallyBatch', { plan });
    return show(context, plan, { ...counts, stop: ended });
  };

/** Shows how far the batch is. */
const show = (
  context: OrchestrationContext,
  { count: total }: BatchPlan,
  { done, failed, stop = null }: Combined & { stop?: Stop | null },
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
  for (let ifShort = false; ;) {
    const put = yield* call(context, timing, 'PutBlocks', { plan, ifShort });
    if ('stop' in put) return put.stop;
    seen.add(put.blocks);
    if (put.skipped) rounds.again();
    const waited = yield* untilComplete(context, timing, plan, rounds, seen);
    if (typeof waited !== 'string') return waited;
    ifShort = waited === 'may-be-lost';
    if (waited !== 'complete') continue;
    const combined = yield* call(context, timing, 'CombineBatch', { plan });
    if ('done' in combined) return combined;
    seen.forget(combined.missing);
  }
}

/** Waits until all outputs seem to be there, or something is, or may be, lost and should be put again, or it has to stop. */
function* untilComplete(
  context: OrchestrationContext,
  timing: Timing,
  plan: BatchPlan,
  rounds: Rounds,
  seen: SeenBlocks,
): Steps<'complete' | 'lost' | 'may-be-lost' | Stop> {
  while (!seen.complete) {
    show(context, plan, { done: seen.count, failed: 0 });
    const news = yield* rounds.next();
    if (news.kind === 'stop') return news.stop;
    if (news.kind === 'blocks') {
      if (seen.add(news.blocks)) rounds.progress();
      continue;
    }
    const look = yield* call(context, timing, 'LookAtBatch', { plan });
    if (look.stop) return look.stop;
    const { lost, grown } = seen.correct(look.blocks);
    if (lost) return 'lost';
    if (grown) rounds.progress();
    const silence = grown ? 'wait' : rounds.silence();
    if (silence !== 'wait') return silence;
  }
  return 'complete';
}

import type { OrchestrationContext } from 'durable-functions';
import { listBlocks, type BatchPlan } from '../job/batch-plan.ts';
import type { Orchestration, Steps } from '../durable.ts';
import type { JobStop } from '../job/cancellation-marker.ts';
import type { Timing } from '../timing.ts';
import { callActivity } from './call-activity.ts';
import { BatchPoller } from './event-or-poll.ts';
import { SeenBlocks } from './seen-blocks.ts';
import { StopSignals } from './stop-signals.ts';

/** How a batch ended: with all its blocks, or stopped; then the counts say how far it had come. */
export type BatchOutcome = { done: number; failed: number; stop: JobStop | null };

/**
 * Drives up to 100 blocks: puts their inputs and messages, waits until each has an output, combines the outputs to the batch's
 * partial. Events are hints, outputs decide. Its custom status is its progress: `{done, failed, total}`.
 */
export const computeBatch = (timing: Timing): Orchestration =>
  function* (context): Steps<BatchOutcome> {
    const plan = context.df.getInput<BatchPlan>();
    const poller = new BatchPoller(context, new StopSignals(context, new Date(plan.deadline)), timing);
    setProgress(context, plan, { done: 0, failed: 0 });
    const outcome = yield* runToPartial(context, timing, plan, poller);
    poller.end();
    if ('done' in outcome) return setProgress(context, plan, outcome);
    const counts = yield* callActivity(context, timing, 'TallyBatch', { plan });
    return setProgress(context, plan, { ...counts, stop: outcome });
  };

/** Shows how far the batch is. */
const setProgress = (
  context: OrchestrationContext,
  { count: total }: BatchPlan,
  { done, failed, stop = null }: CombinedCounts & { stop?: JobStop | null },
): BatchOutcome => {
  context.df.setCustomStatus({ done, failed, total });
  return { done, failed, stop };
};

type CombinedCounts = { done: number; failed: number };

/** Puts, waits, combines, until the batch's partial is written or it has to stop. */
function* runToPartial(
  context: OrchestrationContext,
  timing: Timing,
  plan: BatchPlan,
  poller: BatchPoller,
): Steps<CombinedCounts | JobStop> {
  const seen = new SeenBlocks(listBlocks(plan));
  for (let ifShort = false; ;) {
    const put = yield* callActivity(context, timing, 'PutBlocks', { plan, ifShort });
    if ('stop' in put) return put.stop;
    seen.add(put.blocks);
    if (put.skipped) poller.onPutSkipped();
    const waited = yield* waitForOutputs(context, timing, plan, poller, seen);
    if (typeof waited !== 'string') return waited;
    ifShort = waited === 'may-be-lost';
    if (waited !== 'complete') continue;
    const combined = yield* callActivity(context, timing, 'CombineBatch', { plan });
    if ('done' in combined) return combined;
    seen.remove(combined.missing);
  }
}

/** Waits until all outputs seem to be there, or something is, or may be, lost and should be put again, or it has to stop. */
function* waitForOutputs(
  context: OrchestrationContext,
  timing: Timing,
  plan: BatchPlan,
  poller: BatchPoller,
  seen: SeenBlocks,
): Steps<'complete' | 'lost' | 'may-be-lost' | JobStop> {
  while (!seen.complete) {
    setProgress(context, plan, { done: seen.count, failed: 0 });
    const event = yield* poller.next();
    if (event.kind === 'stop') return event.stop;
    if (event.kind === 'blocks') {
      if (seen.add(event.blocks)) poller.onProgress();
      continue;
    }
    const listing = yield* callActivity(context, timing, 'LookAtBatch', { plan });
    if (listing.stop) return listing.stop;
    const { lost, grown } = seen.reconcile(listing.blocks);
    if (lost) return 'lost';
    if (grown) poller.onProgress();
    const decision = grown ? 'wait' : poller.onSilentPoll();
    if (decision !== 'wait') return decision;
  }
  return 'complete';
}

import type { Orchestration, Steps } from '../durable.ts';
import { listBlocks, type BatchPlan } from '../job/batch-plan.ts';
import type { JobStop } from '../job/cancellation-marker.ts';
import type { Timing } from '../timing.ts';
import { callActivity, type OrchestrationRun } from './call-activity.ts';
import { BatchPoller } from './event-or-poll.ts';
import type { BatchCounts } from './progress.ts';
import { SeenBlocks } from './seen-blocks.ts';
import { StopSignals } from './stop-signals.ts';

/** The outcome of a batch: complete if `stop` is null; otherwise the counts say how many blocks had ended when it stopped. */
export type BatchOutcome = BatchCounts & { stop: JobStop | null };

/** A running batch. `seen`: the blocks that seem to have an output. */
type BatchRun = OrchestrationRun & { plan: BatchPlan; poller: BatchPoller; seen: SeenBlocks };

/**
 * Runs up to 100 blocks: puts their inputs and messages, waits until each block has an output, and combines the outputs into the
 * batch's partial. Events are hints; a listing of the outputs decides. Its custom status is `{done, failed, total}`.
 */
export const computeBatch = (timing: Timing): Orchestration =>
  function* (context): Steps<BatchOutcome> {
    const plan = context.df.getInput<BatchPlan>();
    const stopSignals = new StopSignals({ context, timing }, new Date(plan.deadline));
    const poller = new BatchPoller({ context, timing }, stopSignals);
    const run = { context, timing, plan, poller, seen: new SeenBlocks(listBlocks(plan)) };
    setProgress(run, { done: 0, failed: 0 });
    const outcome = yield* runToEnd(run);
    if ('done' in outcome) return setProgress(run, outcome);
    const counts = yield* callActivity(run, 'TallyBatch', { plan });
    return setProgress(run, { ...counts, stop: outcome });
  };

/** Sets the batch's progress as its custom status. */
const setProgress = (
  { context, plan: { count: total } }: BatchRun,
  { done, failed, stop = null }: BatchCounts & { stop?: JobStop | null },
): BatchOutcome => {
  context.df.setCustomStatus({ done, failed, total });
  return { done, failed, stop };
};

/** Runs a batch, and cancels its timers, also if it fails. */
function* runToEnd(run: BatchRun): Steps<BatchCounts | JobStop> {
  try {
    return yield* runToPartial(run);
  } finally {
    run.poller.end();
  }
}

/** Puts blocks, waits for their outputs and combines them, until the batch's partial is written or a stop signal arrives. */
function* runToPartial(run: BatchRun): Steps<BatchCounts | JobStop> {
  const { plan, poller, seen } = run;
  for (let ifShort = false; ;) {
    const put = yield* callActivity(run, 'PutBlocks', { plan, ifShort });
    if ('stop' in put) return put.stop;
    seen.add(put.blocks);
    if (put.skipped) poller.onPutSkipped();
    const waited = yield* waitForOutputs(run);
    if (typeof waited !== 'string') return waited;
    ifShort = waited === 'may-be-lost';
    if (waited !== 'complete') continue;
    const combined = yield* callActivity(run, 'CombineBatch', { plan });
    if ('done' in combined) return combined;
    seen.remove(combined.missing);
  }
}

/** Waits until all outputs seem to exist, blocks are or may be lost and should be put again, or a stop signal arrives. */
function* waitForOutputs(run: BatchRun): Steps<'complete' | 'lost' | 'may-be-lost' | JobStop> {
  const { plan, poller, seen } = run;
  while (!seen.complete) {
    setProgress(run, { done: seen.count, failed: 0 });
    const event = yield* poller.next();
    if (event.kind === 'stop') return event.stop;
    if (event.kind === 'blocks') {
      if (seen.add(event.blocks)) poller.onProgress();
      continue;
    }
    const listing = yield* callActivity(run, 'LookAtBatch', { plan });
    if (listing.stop) return listing.stop;
    const { lost, grown } = seen.reconcile(listing.blocks);
    if (lost) return 'lost';
    if (grown) poller.onProgress();
    const decision = grown ? 'wait' : poller.onSilentPoll();
    if (decision !== 'wait') return decision;
  }
  return 'complete';
}

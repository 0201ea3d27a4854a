import type { OrchestrationContext } from 'durable-functions';
import * as v from 'valibot';
import { JobId } from '../../../contracts/ids.ts';
import type { Reduced } from '../activities/reduce.ts';
import { batchPlans, type BatchPlan } from '../job/batch-plan.ts';
import type { Orchestration, Steps } from '../durable.ts';
import type { JobEnd } from '../job/job-end.ts';
import { ownerOf } from '../job/job-ids.ts';
import { ComputeJob } from '../job/job-state.ts';
import type { Stop } from '../job/cancellation-marker.ts';
import { textOf } from '../text.ts';
import type { Timing } from '../timing.ts';
import { runBatches } from './batch-pool.ts';
import { call } from './call-activity.ts';
import { failed, stopped, type Ended } from './outcomes.ts';
import { Tally } from './progress.ts';
import { underConditions, type Begun } from './with-conditions.ts';
import { Watch } from './stop-signals.ts';

/** How often batches whose partials storage has lost run again before the job fails. */
const mostRuns = 4;

type Work = { job: JobId; input: ComputeJob; plans: BatchPlan[]; tally: Tally; watch: Watch };

/**
 * Runs a compute job: its batches, then `Reduce`. Its output is a `JobEnd`, its custom status a `JobStatus` with
 * `{done, failed, total}` by the batches that have ended.
 */
export const computeOrchestrator = (timing: Timing): Orchestration =>
  function* (context): Steps<JobEnd> {
    const job = v.parse(JobId, context.df.instanceId);
    const input = v.parse(ComputeJob, context.df.getInput());
    const { conditions, origin } = input.request;
    const owner = ownerOf(origin);
    return yield* underConditions(context, timing, { job, owner, conditions }, (begun) =>
      computed(context, timing, job, input, begun),
    );
  };

/** The work, from when it begins. */
function* computed(
  context: OrchestrationContext,
  timing: Timing,
  job: JobId,
  input: ComputeJob,
  begun: Begun,
): Steps<Ended> {
  const from = input.request.conditions ? begun.startedAt : input.acceptedAt;
  const plans = batchPlans(job, input, from);
  const tally = new Tally(context, begun, plans);
  const watch = new Watch(context, new Date(plans[0]?.deadline ?? from), begun.cancel);
  const ended = yield* untilEnded(context, timing, { job, input, plans, tally, watch });
  watch.end();
  return { counts: tally.counts, ...ended };
}

/** A fault that retries have not mended ends the job, and its mark those batches that are still at work. */
function* untilEnded(context: OrchestrationContext, timing: Timing, work: Work): Steps<Ended> {
  try {
    const outcome = yield* untilReduced(context, timing, work);
    if ('counts' in outcome) return reduced(outcome);
    yield* call(context, timing, 'MarkJob', { job: work.job, stop: outcome });
    return stopped(outcome);
  } catch (fault) {
    yield* call(context, timing, 'MarkJob', { job: work.job, stop: { reason: 'internal', by: null } });
    return failed('internal', textOf(fault));
  }
}

/** Runs all batches and joins their partials; batches whose partials are not there after all run again. */
function* untilReduced(
  context: OrchestrationContext,
  timing: Timing,
  { job, input, plans, tally, watch }: Work,
): Steps<Reduced | Stop> {
  let left = plans;
  for (let run = 0; run < mostRuns; run += 1) {
    const onEnd = tally.add.bind(tally);
    const stop = yield* runBatches(left, { context, timing, watch, run, onEnd });
    if (stop) return stop;
    const answer = yield* call(context, timing, 'Reduce', { job, input, batches: plans.length });
    if ('counts' in answer) return answer;
    left = plans.filter(({ batch }) => answer.missing.includes(batch));
  }
  throw new Error(`Storage has lost partials of this job ${mostRuns} times`);
}

const reduced = ({ counts, result, failures, error }: Reduced): Ended => {
  const shared = { counts, failures };
  if (error !== null) return { ...failed('reduce-failed', error), ...shared, links: ['manifest', 'outputs'] };
  const links: Ended['links'] = ['result', 'manifest', 'outputs'];
  const some = `${counts.failed} of ${counts.total} blocks failed`;
  if (counts.done === 0) return { ...failed('all-blocks-failed', some), ...shared, links };
  if (counts.failed === 0) return { state: 'completed', reason: null, ...shared, result, links };
  return {
    state: 'completed-with-failures',
    reason: 'blocks-failed',
    message: some,
    ...shared,
    result,
    links,
  };
};

import type { OrchestrationContext } from 'durable-functions';
import * as v from 'valibot';
import { JobId } from '../../../contracts/ids.ts';
import type { ReduceResult } from '../activities/reduce.ts';
import { planBatches, type BatchPlan } from '../job/batch-plan.ts';
import type { Orchestration, Steps } from '../durable.ts';
import { type JobOutput, ComputeJob } from '../job/job-state.ts';
import { toOwner } from '../job/job-ids.ts';
import type { JobStop } from '../job/cancellation-marker.ts';
import { toErrorText } from '../text.ts';
import type { Timing } from '../timing.ts';
import { runBatches } from './batch-pool.ts';
import { callActivity } from './call-activity.ts';
import { toFailedOutcome, toStoppedOutcome, type JobOutcome } from './outcomes.ts';
import { JobProgress } from './progress.ts';
import { runWithConditions, type JobStart } from './with-conditions.ts';
import { StopSignals } from './stop-signals.ts';

/** How often batches whose partials storage has lost run again before the job fails. */
const maxRuns = 4;

type ComputeRun = {
  job: JobId;
  input: ComputeJob;
  plans: BatchPlan[];
  tally: JobProgress;
  watch: StopSignals;
};

/**
 * Runs a compute job: its batches, then `Reduce`. Its output is a `JobEnd`, its custom status a `JobStatus` with
 * `{done, failed, total}` by the batches that have ended.
 */
export const computeOrchestrator = (timing: Timing): Orchestration =>
  function* (context): Steps<JobOutput> {
    const job = v.parse(JobId, context.df.instanceId);
    const input = v.parse(ComputeJob, context.df.getInput());
    const { conditions, origin } = input.request;
    const owner = toOwner(origin);
    return yield* runWithConditions(context, timing, { job, owner, conditions }, (start) =>
      runCompute(context, timing, job, input, start),
    );
  };

/** The work, from when it begins. */
function* runCompute(
  context: OrchestrationContext,
  timing: Timing,
  job: JobId,
  input: ComputeJob,
  start: JobStart,
): Steps<JobOutcome> {
  const from = input.request.conditions ? start.startedAt : input.acceptedAt;
  const plans = planBatches(job, input, from);
  const tally = new JobProgress(context, start, plans);
  const watch = new StopSignals(context, new Date(plans[0]?.deadline ?? from), start.cancel);
  const outcome = yield* runToOutcome(context, timing, { job, input, plans, tally, watch });
  watch.end();
  return { counts: tally.counts, ...outcome };
}

/** A fault that retries have not mended ends the job, and its mark those batches that are still at work. */
function* runToOutcome(context: OrchestrationContext, timing: Timing, run: ComputeRun): Steps<JobOutcome> {
  try {
    const outcome = yield* reduceBatches(context, timing, run);
    if ('counts' in outcome) return toReducedOutcome(outcome);
    yield* callActivity(context, timing, 'MarkJob', { job: run.job, stop: outcome });
    return toStoppedOutcome(outcome);
  } catch (fault) {
    yield* callActivity(context, timing, 'MarkJob', {
      job: run.job,
      stop: { reason: 'internal', by: null },
    });
    return toFailedOutcome('internal', toErrorText(fault));
  }
}

/** Runs all batches and joins their partials; batches whose partials are not there after all run again. */
function* reduceBatches(
  context: OrchestrationContext,
  timing: Timing,
  { job, input, plans, tally, watch }: ComputeRun,
): Steps<ReduceResult | JobStop> {
  let left = plans;
  for (let run = 0; run < maxRuns; run += 1) {
    const onEnd = tally.add.bind(tally);
    const stop = yield* runBatches(left, { context, timing, watch, run, onEnd });
    if (stop) return stop;
    const answer = yield* callActivity(context, timing, 'Reduce', { job, input, batches: plans.length });
    if ('counts' in answer) return answer;
    left = plans.filter(({ batch }) => answer.missing.includes(batch));
  }
  throw new Error(`Storage has lost partials of this job ${maxRuns} times`);
}

const toReducedOutcome = ({ counts, result, failures, error }: ReduceResult): JobOutcome => {
  const shared = { counts, failures };
  if (error !== null)
    return { ...toFailedOutcome('reduce-failed', error), ...shared, links: ['manifest', 'outputs'] };
  const links: JobOutcome['links'] = ['result', 'manifest', 'outputs'];
  const blocksFailed = `${counts.failed} of ${counts.total} blocks failed`;
  if (counts.done === 0) return { ...toFailedOutcome('all-blocks-failed', blocksFailed), ...shared, links };
  if (counts.failed === 0) return { state: 'completed', reason: null, ...shared, result, links };
  return {
    state: 'completed-with-failures',
    reason: 'blocks-failed',
    message: blocksFailed,
    ...shared,
    result,
    links,
  };
};

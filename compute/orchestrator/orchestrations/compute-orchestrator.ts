import * as v from 'valibot';
import { JobId } from '../../../contracts/ids.ts';
import { getBlockCount } from '../../../contracts/job-request.ts';
import type { ReducedJob, ReduceResult } from '../activities/reduce.ts';
import type { Orchestration, Steps } from '../durable.ts';
import { countBatches, hasStoredParameters, planJob, type JobPlan } from '../job/batch-plan.ts';
import type { JobStop } from '../job/cancellation-marker.ts';
import { toOwner } from '../job/job-ids.ts';
import { ComputeJob, type JobOutput } from '../job/job-state.ts';
import { toErrorText } from '../text.ts';
import type { Timing } from '../timing.ts';
import { needsGroups, runGroups } from './batch-groups.ts';
import { runBatches } from './batch-pool.ts';
import { callActivity, type OrchestrationRun } from './call-activity.ts';
import { toFailedOutcome, toStoppedOutcome, type JobOutcome } from './outcomes.ts';
import { ProgressTracker } from './progress.ts';
import { StopSignals } from './stop-signals.ts';
import { runWithConditions, type JobStart } from './with-conditions.ts';

/** How many times batches run whose partials storage has lost, before the job fails. */
const maxAttempts = 4;

type ComputeRun = OrchestrationRun & {
  job: JobId;
  input: ComputeJob;
  plan: JobPlan;
  progress: ProgressTracker;
  stopSignals: StopSignals;
};

/**
 * Runs a compute job: its batches, then `Reduce`. Its output is a `JobOutput`, its custom status a `JobStatus` with
 * `{done, failed, total}` of the batches that have ended.
 */
export const computeOrchestrator = (timing: Timing): Orchestration =>
  function* (context): Steps<JobOutput> {
    const run = { context, timing };
    const job = v.parse(JobId, context.df.instanceId);
    const input = v.parse(ComputeJob, context.df.getInput());
    const { conditions, origin } = input.request;
    return yield* runWithConditions(run, { job, owner: toOwner(origin), conditions }, (start) =>
      runCompute(run, job, input, start),
    );
  };

/** Runs the work of a job whose conditions are met. */
function* runCompute(
  { context, timing }: OrchestrationRun,
  job: JobId,
  input: ComputeJob,
  start: JobStart,
): Steps<JobOutcome> {
  const from = input.request.conditions ? start.startedAt : input.acceptedAt;
  const plan = planJob(job, input, from);
  const progress = new ProgressTracker(context, start, getBlockCount(plan));
  const stopSignals = new StopSignals({ context, timing }, new Date(plan.deadline), start.cancel);
  try {
    const outcome = yield* runToOutcome({ context, timing, job, input, plan, progress, stopSignals });
    return { counts: progress.counts, ...outcome };
  } finally {
    stopSignals.end();
  }
}

/** Ends the job if an activity still fails after its retries. The cancellation marker then ends the batches that are running. */
function* runToOutcome(run: ComputeRun): Steps<JobOutcome> {
  const { job } = run;
  try {
    const result = yield* runToResult(run);
    if ('counts' in result) return toReducedOutcome(result);
    const marked = yield* callActivity(run, 'MarkJob', { job, stop: result });
    return { ...toStoppedOutcome(result), ...(marked ? { links: marked.links } : {}) };
  } catch (error) {
    yield* callActivity(run, 'MarkJob', { job, stop: { reason: 'internal', by: null } });
    return toFailedOutcome('internal', toErrorText(error));
  }
}

/** Runs all batches and joins their partials. Batches whose partials are missing run again. */
function* runToResult(run: ComputeRun): Steps<ReduceResult | JobStop> {
  const { job, input, plan, progress } = run;
  const { parameters } = input;
  if (hasStoredParameters(input)) yield* callActivity(run, 'PutParameters', { job, parameters });
  const batches = countBatches(plan);
  const runRemaining = needsGroups(input, batches) ? runGroups : runBatches;
  let remaining = [...Array(batches).keys()];
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const onEnd = progress.add.bind(progress);
    const stop = yield* runRemaining(remaining, { ...run, attempt, onEnd });
    if (stop) return stop;
    const reduced = yield* callActivity(run, 'Reduce', { job, input: toReducedJob(run), batches });
    if ('counts' in reduced) return reduced;
    remaining = reduced.missing;
  }
  throw new Error(`Storage has lost partials of this job ${maxAttempts} times`);
}

/** Returns what `Reduce` needs of a job's input; for a job of an older version, all of it, as in its recorded history. */
const toReducedJob = ({ input, plan: { parameters } }: ComputeRun): ReducedJob => {
  if (input.revision === undefined) return input;
  const { algorithm, inputCount, inputs } = input.request;
  return { request: { algorithm, inputCount, inputs }, ...(parameters ? { parameters } : {}) };
};

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

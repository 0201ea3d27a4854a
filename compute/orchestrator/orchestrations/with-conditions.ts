import type { Task } from 'durable-functions';
import type { Approval, Conditions, LockCondition } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { Steps } from '../durable.ts';
import type { JobOutput } from '../job/job-state.ts';
import { toErrorText } from '../text.ts';
import { callActivity, type OrchestrationRun } from './call-activity.ts';
import { buildJobOutput, type JobOutcome } from './outcomes.ts';
import { waitForApproval } from './wait-for-approval.ts';
import { waitForLocks, type LockWait } from './wait-for-locks.ts';

/** The start of a job's work. `cancel`: the waiter for its `Cancel` event, see `StopSignals`. */
export type JobStart = { startedAt: string; approvals: Approval[]; cancel: Task };

/**
 * The outcome of a job's work. `leavesRunner`: whether its runner could not be removed yet. Its script may still run, so the job keeps its
 * locks until the tick has removed the runner.
 */
export type WorkOutcome = JobOutcome & { leavesRunner?: boolean };

type JobWork = (start: JobStart) => Steps<WorkOutcome>;

/** `owner`: the job's owner, as `toOwner` returns it. */
type JobWithConditions = { job: JobId; owner: string; conditions: Conditions | undefined };

/**
 * Runs a job: waits for its approval, acquires its locks, runs its work, and releases the locks, whatever the outcome, unless its script
 * may still run. A job without conditions starts at once.
 * @param work must not throw: it turns errors into an outcome
 */
export function* runWithConditions(
  run: OrchestrationRun,
  { job, owner, conditions }: JobWithConditions,
  work: JobWork,
): Steps<JobOutput> {
  const { context } = run;
  const { approval, locks = [] } = conditions ?? {};
  const cancel = context.df.waitForExternalEvent('Cancel');
  const approved = approval
    ? yield* waitForApproval(run, approval, cancel)
    : { approvals: [], outcome: null };
  const { approvals, outcome } = approved;
  if (outcome) return buildJobOutput(context, { startedAt: null, approvals }, outcome);
  return yield* runWithLocks(run, { job, owner, locks, approvals, cancel }, work);
}

function* runWithLocks(run: OrchestrationRun, wait: LockWait, work: JobWork): Steps<JobOutput> {
  const { context } = run;
  const { job, locks, approvals, cancel } = wait;
  const lockFailure = yield* waitForLocks(run, wait);
  const startedAt = context.df.currentUtcDateTime.toISOString();
  const ended: WorkOutcome = lockFailure ?? (yield* work({ startedAt, approvals, cancel }));
  const { leavesRunner = false, ...outcome } = ended;
  if (locks.length > 0 && !leavesRunner) yield* releaseLocks(run, job, locks);
  return buildJobOutput(context, { startedAt: lockFailure ? null : startedAt, approvals }, outcome);
}

/** Releases a job's locks. A failure does not change the job's outcome: the tick releases the locks of ended jobs. */
function* releaseLocks(run: OrchestrationRun, job: JobId, locks: LockCondition[]): Steps<void> {
  try {
    yield* callActivity(run, 'ReleaseLocks', { job, locks });
  } catch (error) {
    run.context.error(`Could not release locks: ${toErrorText(error)}`);
  }
}

import type { OrchestrationContext, Task } from 'durable-functions';
import type { Approval, Conditions, LockCondition } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { Steps } from '../durable.ts';
import type { JobOutput } from '../job/job-state.ts';
import { toErrorText } from '../text.ts';
import type { Timing } from '../timing.ts';
import { callActivity } from './call-activity.ts';
import { buildJobOutput, type JobOutcome } from './outcomes.ts';
import { waitForApproval } from './wait-for-approval.ts';
import { waitForLocks, type LockWait } from './wait-for-locks.ts';

/** A job whose work begins. `cancel`: the waiter for its `Cancel` event, see `Watch`. */
export type JobStart = { startedAt: string; approvals: Approval[]; cancel: Task };

type JobWork = (start: JobStart) => Steps<JobOutcome>;

/**
 * Runs a job: its approval first, then its locks, then its work, and gives the locks back, whatever came of it. A job without
 * conditions begins at once.
 * @param owner whose the job is, as `ownerOf` names it
 * @param work must not throw: a fault is an end of its own
 */
export function* runWithConditions(
  context: OrchestrationContext,
  timing: Timing,
  { job, owner, conditions }: { job: JobId; owner: string; conditions: Conditions | undefined },
  work: JobWork,
): Steps<JobOutput> {
  const { approval, locks = [] } = conditions ?? {};
  const cancel = context.df.waitForExternalEvent('Cancel');
  const approved = approval
    ? yield* waitForApproval(context, approval, cancel)
    : { approvals: [], ended: null };
  const { approvals, ended } = approved;
  if (ended) return buildJobOutput(context, { startedAt: null, approvals }, ended);
  return yield* runWithLocks(context, timing, { job, owner, locks, approvals, cancel }, work);
}

function* runWithLocks(
  context: OrchestrationContext,
  timing: Timing,
  { job, owner, locks, approvals, cancel }: LockWait,
  work: JobWork,
): Steps<JobOutput> {
  const lockFailure = yield* waitForLocks(context, timing, { job, owner, locks, approvals, cancel });
  const startedAt = context.df.currentUtcDateTime.toISOString();
  const outcome = lockFailure ?? (yield* work({ startedAt, approvals, cancel }));
  if (locks.length > 0) yield* releaseLocks(context, timing, job, locks);
  return buildJobOutput(context, { startedAt: lockFailure ? null : startedAt, approvals }, outcome);
}

/** Does not spoil how the job ended: what could not be given back is taken back once the job has ended. */
function* releaseLocks(
  context: OrchestrationContext,
  timing: Timing,
  job: JobId,
  locks: LockCondition[],
): Steps<void> {
  try {
    yield* callActivity(context, timing, 'ReleaseLocks', { job, locks });
  } catch (fault) {
    context.error(`Locks were not given back: ${toErrorText(fault)}`);
  }
}

import type { OrchestrationContext, Task } from 'durable-functions';
import type { Approval, Conditions, LockCondition } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { Steps } from '../durable.ts';
import type { JobEnd } from '../job/job-end.ts';
import { textOf } from '../text.ts';
import type { Timing } from '../timing.ts';
import { call } from './call-activity.ts';
import { jobEnd, type Ended } from './outcomes.ts';
import { untilApproved } from './wait-for-approval.ts';
import { untilLocked, type LockWait } from './wait-for-locks.ts';

/** A job whose work begins. `cancel`: the waiter for its `Cancel` event, see `Watch`. */
export type Begun = { startedAt: string; approvals: Approval[]; cancel: Task };

type Work = (begun: Begun) => Steps<Ended>;

/**
 * Runs a job: its approval first, then its locks, then its work, and gives the locks back, whatever came of it. A job without
 * conditions begins at once.
 * @param owner whose the job is, as `ownerOf` names it
 * @param work must not throw: a fault is an end of its own
 */
export function* underConditions(
  context: OrchestrationContext,
  timing: Timing,
  { job, owner, conditions }: { job: JobId; owner: string; conditions: Conditions | undefined },
  work: Work,
): Steps<JobEnd> {
  const { approval, locks = [] } = conditions ?? {};
  const cancel = context.df.waitForExternalEvent('Cancel');
  const approved = approval
    ? yield* untilApproved(context, approval, cancel)
    : { approvals: [], ended: null };
  const { approvals, ended } = approved;
  if (ended) return jobEnd(context, { startedAt: null, approvals }, ended);
  return yield* underLocks(context, timing, { job, owner, locks, approvals, cancel }, work);
}

function* underLocks(
  context: OrchestrationContext,
  timing: Timing,
  { job, owner, locks, approvals, cancel }: LockWait,
  work: Work,
): Steps<JobEnd> {
  const hindered = yield* untilLocked(context, timing, { job, owner, locks, approvals, cancel });
  const startedAt = context.df.currentUtcDateTime.toISOString();
  const ended = hindered ?? (yield* work({ startedAt, approvals, cancel }));
  if (locks.length > 0) yield* giveBack(context, timing, job, locks);
  return jobEnd(context, { startedAt: hindered ? null : startedAt, approvals }, ended);
}

/** Does not spoil how the job ended: what could not be given back is taken back once the job has ended. */
function* giveBack(
  context: OrchestrationContext,
  timing: Timing,
  job: JobId,
  locks: LockCondition[],
): Steps<void> {
  try {
    yield* call(context, timing, 'ReleaseLocks', { job, locks });
  } catch (fault) {
    context.error(`Locks were not given back: ${textOf(fault)}`);
  }
}

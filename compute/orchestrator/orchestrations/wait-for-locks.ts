import type { OrchestrationContext, Task } from 'durable-functions';
import type { Approval, LockCondition, LockHolder } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { LockAttempt } from '../activities/locks.ts';
import type { Steps } from '../durable.ts';
import type { JobStatus } from '../job/job-state.ts';
import { toErrorText } from '../text.ts';
import { callActivity, type OrchestrationRun } from './call-activity.ts';
import { EventOrPoll } from './event-or-poll.ts';
import { toFailedOutcome, toStoppedOutcome, type JobOutcome } from './outcomes.ts';
import { getTimeAfter, StopSignals } from './stop-signals.ts';

/** A job that needs locks. `owner`: the job's owner, as `toOwner` returns it. */
export type LockWait = {
  job: JobId;
  owner: string;
  locks: LockCondition[];
  approvals: Approval[];
  cancel: Task;
};

/** Acquires a job's locks in their order. Returns the job's outcome if it does not get them all, and null if it does. */
export function* waitForLocks(run: OrchestrationRun, wait: LockWait): Steps<JobOutcome | null> {
  const { context, timing } = run;
  const stopSignals = new StopSignals(run, getTimeAfter(context, timing.maxLockWait), wait.cancel);
  try {
    for (const lock of wait.locks) {
      const outcome = yield* waitForLock(run, wait, lock, stopSignals);
      if (outcome) return outcome;
    }
    return null;
  } catch (error) {
    return toFailedOutcome('internal', toErrorText(error));
  } finally {
    stopSignals.end();
  }
}

/** Requests one lock, and if the request is queued, waits until the lock is granted. */
function* waitForLock(
  run: OrchestrationRun,
  { job, owner, approvals }: LockWait,
  lock: LockCondition,
  stopSignals: StopSignals,
): Steps<JobOutcome | null> {
  const { context, timing } = run;
  const poll = new EventOrPoll(context, 'Granted', { min: timing.minLockPoll, max: timing.maxLockPoll });
  try {
    for (;;) {
      const attempt = yield* callActivity(run, 'TakeLock', { job, owner, lock });
      if (attempt.held) return null;
      if (lock.whenTaken === 'refuse') return toFailedOutcome('lock-taken', describeLockTaken(lock, attempt));
      showWaiting(context, lock, attempt, approvals);
      yield* poll.next(stopSignals);
      const { stop } = stopSignals;
      if (stop?.reason === 'deadline')
        return { ...toStoppedOutcome(stop), message: `The lock ${lock.key} did not become free in time` };
      if (stop) return toStoppedOutcome(stop);
    }
  } finally {
    poll.end();
  }
}

type LockTaken = Extract<LockAttempt, { held: false }>;

const showWaiting = (
  context: OrchestrationContext,
  { scope, key }: LockCondition,
  { holders, elsewhere, slots, ahead }: LockTaken,
  approvals: Approval[],
): void => {
  const others = elsewhere === undefined ? {} : { elsewhere };
  const waiting = { for: 'lock', scope, key, slots, holders, ...others, ahead } as const;
  context.df.setCustomStatus({ startedAt: null, waiting, approvals } satisfies JobStatus);
};

const describeLockTaken = ({ key }: LockCondition, { holders: [holder], elsewhere }: LockTaken): string => {
  const other = elsewhere === undefined ? undefined : 'a job of another repository';
  const name = holder?.kind === 'person' ? describePerson(holder) : (holder?.job ?? other);
  return `The lock ${key} is taken by ${name ?? 'others'}`;
};

/** Returns a person's name, attributed to the caller that stated it unless that caller is an entry. */
const describePerson = ({ person, via }: Extract<LockHolder, { kind: 'person' }>): string =>
  via && !via.entry ? `${person.name} (according to the ${via.kind} ${via.name})` : person.name;

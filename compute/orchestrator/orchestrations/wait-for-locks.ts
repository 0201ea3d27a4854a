import type { OrchestrationContext, Task } from 'durable-functions';
import type { Approval, LockCondition, LockHolder } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { LockAttempt } from '../activities/locks.ts';
import type { Steps } from '../durable.ts';
import type { JobStatus } from '../job/job-state.ts';
import { toErrorText } from '../text.ts';
import type { Timing } from '../timing.ts';
import { callActivity } from './call-activity.ts';
import { toFailedOutcome, toStoppedOutcome, type JobOutcome } from './outcomes.ts';
import { EventOrPoll } from './event-or-poll.ts';
import { StopSignals } from './stop-signals.ts';

/** `owner`: whose the job is, as `ownerOf` names it. */
export type LockWait = {
  job: JobId;
  owner: string;
  locks: LockCondition[];
  approvals: Approval[];
  cancel: Task;
};

/** Takes a job's locks in their order. Answers with how it ended if it did not get them all, and null if it goes on. */
export function* waitForLocks(
  context: OrchestrationContext,
  timing: Timing,
  wait: LockWait,
): Steps<JobOutcome | null> {
  const deadline = new Date(context.df.currentUtcDateTime.getTime() + timing.maxLockWait * 1000);
  const stopSignals = new StopSignals(context, deadline, wait.cancel);
  try {
    for (const lock of wait.locks) {
      const outcome = yield* waitForLock(context, timing, wait, lock, stopSignals);
      if (outcome) return outcome;
    }
    return null;
  } catch (fault) {
    return toFailedOutcome('internal', toErrorText(fault));
  } finally {
    stopSignals.end();
  }
}

/** Asks for one lock, and, if that means to queue for it, waits until it is the job's turn. */
function* waitForLock(
  context: OrchestrationContext,
  timing: Timing,
  { job, owner, approvals }: LockWait,
  lock: LockCondition,
  stopSignals: StopSignals,
): Steps<JobOutcome | null> {
  const poll = new EventOrPoll(context, 'Granted', {
    min: timing.firstLockLook,
    max: timing.lastLockLook,
  });
  try {
    for (;;) {
      const attempt = yield* callActivity(context, timing, 'TakeLock', { job, owner, lock });
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
  const who = holder?.kind === 'person' ? describePerson(holder) : (holder?.job ?? other);
  return `The lock ${key} is taken by ${who ?? 'others'}`;
};

/** Describes a person; unless an entry named them, as the caller's claim. */
const describePerson = ({ person, via }: Extract<LockHolder, { kind: 'person' }>): string =>
  via && !via.entry ? `${person.name} (according to the ${via.kind} ${via.name})` : person.name;

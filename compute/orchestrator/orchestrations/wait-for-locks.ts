import type { OrchestrationContext, Task } from 'durable-functions';
import type { Approval, LockCondition, LockHolder } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { LockLook } from '../activities/locks.ts';
import type { Steps } from '../durable.ts';
import type { JobStatus } from '../job/job-end.ts';
import { textOf } from '../text.ts';
import type { Timing } from '../timing.ts';
import { call } from './call-activity.ts';
import { failed, stopped, type Ended } from './outcomes.ts';
import { Looks } from './event-or-poll.ts';
import { Watch } from './stop-signals.ts';

/** `owner`: whose the job is, as `ownerOf` names it. */
export type LockWait = {
  job: JobId;
  owner: string;
  locks: LockCondition[];
  approvals: Approval[];
  cancel: Task;
};

/** Takes a job's locks in their order. Answers with how it ended if it did not get them all, and null if it goes on. */
export function* untilLocked(
  context: OrchestrationContext,
  timing: Timing,
  wait: LockWait,
): Steps<Ended | null> {
  const deadline = new Date(context.df.currentUtcDateTime.getTime() + timing.lockWait * 1000);
  const watch = new Watch(context, deadline, wait.cancel);
  try {
    for (const lock of wait.locks) {
      const ended = yield* untilHeld(context, timing, wait, lock, watch);
      if (ended) return ended;
    }
    return null;
  } catch (fault) {
    return failed('internal', textOf(fault));
  } finally {
    watch.end();
  }
}

/** Asks for one lock, and, if that means to queue for it, waits until it is the job's turn. */
function* untilHeld(
  context: OrchestrationContext,
  timing: Timing,
  { job, owner, approvals }: LockWait,
  lock: LockCondition,
  watch: Watch,
): Steps<Ended | null> {
  const looks = new Looks(context, 'Granted', { first: timing.firstLockLook, last: timing.lastLockLook });
  try {
    for (;;) {
      const look = yield* call(context, timing, 'TakeLock', { job, owner, lock });
      if (look.held) return null;
      if (lock.whenTaken === 'refuse') return failed('lock-taken', takenBy(lock, look));
      show(context, lock, look, approvals);
      yield* looks.next(watch);
      const { stop } = watch;
      if (stop?.reason === 'deadline')
        return { ...stopped(stop), message: `The lock ${lock.key} did not become free in time` };
      if (stop) return stopped(stop);
    }
  } finally {
    looks.end();
  }
}

type LockTaken = Extract<LockLook, { held: false }>;

const show = (
  context: OrchestrationContext,
  { scope, key }: LockCondition,
  { holders, elsewhere, slots, ahead }: LockTaken,
  approvals: Approval[],
): void => {
  const others = elsewhere === undefined ? {} : { elsewhere };
  const waiting = { for: 'lock', scope, key, slots, holders, ...others, ahead } as const;
  context.df.setCustomStatus({ startedAt: null, waiting, approvals } satisfies JobStatus);
};

const takenBy = ({ key }: LockCondition, { holders: [holder], elsewhere }: LockTaken): string => {
  const other = elsewhere === undefined ? undefined : 'a job of another repository';
  const who = holder?.kind === 'person' ? claimed(holder) : (holder?.job ?? other);
  return `The lock ${key} is taken by ${who ?? 'others'}`;
};

/** Describes a person; unless an entry named them, as the caller's claim. */
const claimed = ({ person, via }: Extract<LockHolder, { kind: 'person' }>): string =>
  via && !via.entry ? `${person.name} (according to the ${via.kind} ${via.name})` : person.name;

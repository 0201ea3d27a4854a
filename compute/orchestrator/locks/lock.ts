import type { CallerName } from '../../../contracts/caller.ts';
import type { Lock, LockCondition, LockEnd, LockHolder, Person } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';

/*
 * The transitions of a lock. Each is idempotent: it returns the same lock if there is nothing to change. Times are ISO 8601. A release
 * grants the lock to the next jobs in the same change.
 *
 * Each job keeps the slots that it requested. The first job in the queue gets the lock as soon as the number of holders, including
 * itself, does not exceed the slots that any of them requested. A new job therefore never changes what the current holders rely on: it
 * waits. No job overtakes the first in the queue, so every job gets the lock eventually.
 */

/** The name of a lock. */
export type LockName = Pick<Lock, 'scope' | 'key'>;

/** Returns a free lock. */
export const createFreeLock = ({ scope, key }: LockName): Lock => ({
  v: 1,
  scope,
  key,
  slots: 1,
  holders: [],
  waiting: [],
});

export const isFree = ({ holders, waiting }: Lock): boolean => holders.length === 0 && waiting.length === 0;

export const isHeldBy = ({ holders }: Lock, job: JobId): boolean =>
  holders.some((holder) => holder.kind === 'job' && holder.job === job);

export const isHeldByPerson = ({ holders }: Lock, { id }: Person): boolean =>
  holders.some((holder) => holder.kind === 'person' && holder.person.id === id);

/** Returns the jobs that hold a lock or wait for it. */
export const getLockJobs = ({ holders, waiting }: Lock): JobId[] => [
  ...listHolderJobs(holders),
  ...waiting.map(({ job }) => job),
];

/** Returns the jobs that waited for the lock before a change and hold it after the change. */
export const listGranted = (before: Lock, after: Lock): JobId[] =>
  before.waiting.map(({ job }) => job).filter((job) => isHeldBy(after, job));

const listHolderJobs = (holders: readonly LockHolder[]): JobId[] =>
  holders.flatMap((holder) => (holder.kind === 'job' ? [holder.job] : []));

/**
 * Requests a lock for a job of an owner (see `toOwner`). The job gets the lock or joins the end of the queue; if it does not wait, the
 * lock stays as it is.
 */
export const requestLock = (
  lock: Lock,
  job: JobId,
  { slots, whenTaken, owner }: Pick<LockCondition, 'slots' | 'whenTaken'> & { owner?: string | undefined },
  since: string,
): Lock => {
  if (getLockJobs(lock).includes(job)) return lock;
  const { waiting } = fillSlots(lock);
  const after = grantNext({ ...lock, waiting: [...waiting, { job, owner, slots, since }] }, since);
  return whenTaken === 'queue' || isHeldBy(after, job) ? after : lock;
};

/** Removes a job from the holders and the queue of a lock. */
export const releaseByJob = (lock: Lock, job: JobId, since: string): Lock => {
  if (!getLockJobs(lock).includes(job)) return lock;
  const holders = lock.holders.filter((holder) => holder.kind !== 'job' || holder.job !== job);
  const waiting = lock.waiting.filter((each) => each.job !== job);
  return grantNext({ ...lock, holders, waiting }, since);
};

/** A person's request for a lock. `via`: the caller that stated the person's name; `end`: undefined to keep the end of a held lock. */
type PersonRequest = {
  person: Person;
  reason: string | null;
  via?: CallerName;
  end?: LockEnd | null | undefined;
};

/** Takes a free lock for a person, or changes the end of a lock that this person holds. */
export const acquireByPerson = (
  lock: Lock,
  { person, reason, via, end }: PersonRequest,
  since: string,
): Lock => {
  if (isFree(lock)) return { ...lock, holders: [{ kind: 'person', person, via, reason, since, end }] };
  if (end === undefined || !isHeldByPerson(lock, person)) return lock;
  return {
    ...lock,
    holders: lock.holders.map((holder) => (holder.kind === 'person' ? { ...holder, end } : holder)),
  };
};

/** Releases a person's lock whose time is over. */
export const releaseExpired = (lock: Lock, now: string): Lock =>
  releaseEnded(lock, ({ at }) => at !== null && at <= now, now);

/** Releases a person's lock that ends with a thread, if it was taken by a time: a later one is for the thread's next closing. */
export const releaseByThread = (
  lock: Lock,
  { thread, takenBefore }: { thread: number; takenBefore: string },
  now: string,
): Lock => releaseEnded(lock, (end, since) => end.thread === thread && since <= takenBefore, now);

const releaseEnded = (lock: Lock, hasEnded: (end: LockEnd, since: string) => boolean, now: string): Lock => {
  const holders = lock.holders.filter(
    (holder) => holder.kind === 'job' || !holder.end || !hasEnded(holder.end, holder.since),
  );
  return holders.length === lock.holders.length ? lock : grantNext({ ...lock, holders }, now);
};

/** Releases a person's own lock or, with `force`, another person's lock, but never a job's. */
export const releaseByPerson = (lock: Lock, { id }: Person, force: boolean, since: string): Lock => {
  const isKept = (holder: LockHolder) => holder.kind === 'job' || (holder.person.id !== id && !force);
  const holders = lock.holders.filter(isKept);
  return holders.length === lock.holders.length ? lock : grantNext({ ...lock, holders }, since);
};

/** Grants the lock to waiting jobs, in order, while there is room. */
const grantNext = (lock: Lock, since: string): Lock => {
  const { holders, waiting } = fillSlots(lock);
  for (let [next] = waiting; next && hasRoom(holders, next.slots); [next] = waiting) {
    waiting.shift();
    holders.push({ kind: 'job', ...next, since });
  }
  const slots = Math.min(...[...holders, ...waiting].map(getSlots));
  return { ...lock, slots: Number.isFinite(slots) ? slots : 1, holders, waiting };
};

/** Returns whether there is room for another job that requests a number of slots. */
const hasRoom = (holders: readonly LockHolder[], slots: number): boolean =>
  holders.length < slots &&
  holders.every((holder) => holder.kind === 'job' && holders.length < getSlots(holder));

/** Returns the requested slots. A person holds the whole lock, and requests no number. */
const getSlots = (each: LockHolder | { slots: number }): number =>
  ('slots' in each ? each.slots : undefined) ?? Infinity;

/** Returns holders and queue, each job with its slots. In a lock that an older version wrote, one number applies to all. */
const fillSlots = ({ slots, holders, waiting }: Pick<Lock, 'slots' | 'holders' | 'waiting'>) => {
  const fill = <T extends { slots?: number | undefined }>(each: T) => ({
    ...each,
    slots: each.slots ?? slots,
  });
  return {
    holders: holders.map((holder): LockHolder => (holder.kind === 'job' ? fill(holder) : holder)),
    waiting: waiting.map(fill),
  };
};

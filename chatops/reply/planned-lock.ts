import type { PlannedLock } from '../job/planned-lock.ts';
import { toCodeSpan } from '../markdown/untrusted-text.ts';
import { formatHolders } from './lock-holders.ts';
import type { RequestRow } from './request-table.ts';

/** Returns the row of a table about a lock that a job needs. @param time when it had these holders */
export const toLockRow = (lock: PlannedLock, time: 'now' | 'at-request'): RequestRow => {
  const { key, when, slots } = lock;
  const share =
    slots === null
      ? ''
      : `, ${slots > 1 ? `up to ${slots} jobs at once, across repositories` : 'shared across repositories'}`;
  const rule = when === 'queue' ? 'waits while the lock is taken' : 'ends if the lock is taken';
  const state = formatState(lock);
  const then = time === 'now' ? `currently ${state}` : `${state} at the time of the request`;
  return [slots === null ? 'lock' : 'lock of the task', `${toCodeSpan(key)}${share}: ${rule}; ${then}`];
};

/** Describes who holds a lock and how many jobs wait. Of a shared lock, only the jobs of this repository are known by name. */
const formatState = ({ slots, holders, more, elsewhere, waiting }: PlannedLock): string => {
  const who = [...formatHolders({ holders, elsewhere }), ...(more === 0 ? [] : [`${more} more`])];
  if (who.length === 0) return slots === null ? 'free' : 'not held or requested by a job of this repository';
  const queue = waiting === 0 ? '' : `, with ${waiting} ${waiting === 1 ? 'job' : 'jobs'} waiting`;
  return `held by ${who.join('; ')}${queue}`;
};

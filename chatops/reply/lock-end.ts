import type { LockEnd } from '../../compute/client/index.ts';
import { toCodeSpan } from '../markdown/untrusted-text.ts';
import { formatTime } from './time.ts';

/** Describes when a lock ends by itself, in words that follow "ends": `at 2026-03-01 14:00 UTC`, `` when `#7` is closed ``. */
export const formatLockEnd = ({ at, thread }: LockEnd): string => {
  // In code, because GitHub would note in the other thread that it was mentioned.
  const closed = thread === null ? undefined : `when ${toCodeSpan(`#${thread}`)} is closed`;
  const time = at === null ? undefined : `at ${formatTime(at)}`;
  if (time === undefined || closed === undefined) return time ?? closed ?? 'when it is released';
  return `${time} or ${closed}, whichever comes first`;
};

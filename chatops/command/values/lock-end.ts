import type { CommandArguments } from '../command-arguments.ts';
import { parseSeconds } from './numbers.ts';

/** When a lock is to end by itself; both null: not before it is released. */
export type LockEndIntent = { seconds: number | null; untilClosed: boolean };

/** Parses `for=` and `until=`. Undefined if neither is given, or with an error. */
export const parseLockEnd = (args: CommandArguments): LockEndIntent | undefined => {
  const duration = args.getParameter('for');
  const until = args.getParameter('until');
  const misplaced = args.text && /(?:^|\s)(for|until)=/.exec(args.text.value)?.[1];
  if (args.text && misplaced !== undefined) {
    const message = `Everything after reason= is part of the reason. Write ${misplaced}= before reason=`;
    args.addError(args.text, 'misplaced', message, {});
  }
  const seconds = duration && parseSeconds(args, duration, 'for');
  if (!until) return seconds === undefined ? undefined : { seconds, untilClosed: false };
  if (until.value === 'closed') return { seconds: seconds ?? null, untilClosed: true };
  if (until.value === 'released' && !duration) return { seconds: null, untilClosed: false };
  const isDuration = /^\d+[smhd]$/.test(until.value);
  args.addError(until, 'wrong-type', '{received} is not an event', {
    expected: duration ? 'closed' : 'closed or released; to end the lock after a time, use for=2h',
    received: until.value,
    suggestion: isDuration ? `for=${until.value}` : null,
  });
  return undefined;
};

import type { Job, Lock, LockHolder } from '../../../compute/client/index.ts';
import { inline } from '../../markdown/foreign.ts';
import { table } from '../../markdown/table.ts';
import { namedById } from '../headline.ts';
import { holderText } from '../waiting.ts';
import { refused } from './refused.ts';

const mostLocks = 50;
const mostWaiting = 5;

/** Who has which lock since when and why, and who waits for it. @param jobs those that are known, by id */
export const locksTable = (locks: readonly Lock[], jobs: ReadonlyMap<string, Job>): string => {
  if (locks.length === 0) return 'No lock of this repository is taken.';
  const named = (id: string): string => namedById(id, jobs);
  const rows = locks.slice(0, mostLocks).map(({ key, holders, waiting }) => {
    const shown = waiting.slice(0, mostWaiting).map(({ job }) => named(job));
    const more = waiting.length - shown.length;
    return [
      inline(key),
      holders.map((holder) => holderText(holder, named)).join('<br>'),
      [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('<br>') || 'nobody',
    ];
  });
  const list = table(['Lock', 'Who has it', 'Who waits'], rows);
  return locks.length > mostLocks ? `${list}\n\nand ${locks.length - mostLocks} more.` : list;
};

/** A person has the lock now, or had it before. @param command how to give it back, but for the key */
export const locked = ({ key, waiting }: Lock, outcome: 'taken' | 'yours', command = '/unlock'): string => {
  const until = `Jobs that need it wait until it is given back: ${inline(`${command} ${key}`)}.`;
  const now =
    waiting.length === 0 ? '' : ` Now ${waiting.length} ${waiting.length === 1 ? 'waits' : 'wait'}.`;
  return `🔒 The lock ${inline(key)} is yours${outcome === 'taken' ? '' : ' already'}. ${until}${now}`;
};

/** Somebody else has the lock. */
export const lockHeld = (command: string, { key, holders }: Lock): string => {
  const who = holders.map((holder) => holderText(holder)).join('; ');
  return refused(command, `changed nothing: the lock ${inline(key)} is with ${who || 'somebody else'}.`);
};

/** A lock is free again. @param from other persons who had it until now */
export const unlocked = (key: string, from: readonly LockHolder[] = []): string => {
  const whose =
    from.length === 0 ? '' : ` It was with ${from.map((holder) => holderText(holder)).join('; ')}.`;
  return `🔓 The lock ${inline(key)} is given back.${whose} A job that waits for it goes on.`;
};

export const notLocked = (key: string): string =>
  refused('/unlock', `changed nothing: nobody has the lock ${inline(key)}.`);

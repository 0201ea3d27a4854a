import type { Job, Lock, LockHolder } from '../../../compute/client/index.ts';
import { inline } from '../../markdown/untrusted-text.ts';
import { table } from '../../markdown/table.ts';
import { claimantText } from '../caller.ts';
import { sharedLockScope } from '../../scope.ts';
import { namedById } from '../headline.ts';
import { elsewhereTexts, holderText, holderTexts } from '../waiting-job.ts';
import { refused } from './refusal.ts';

/** The most locks, and the most jobs of each, that a list shows. */
const maxLocks = 50;
const maxJobs = 5;

/** Returns the jobs, by their ids, that a list of these locks names. */
export const jobsInTable = (locks: readonly Lock[]): Set<string> =>
  new Set(
    locks
      .slice(0, maxLocks)
      .flatMap(({ holders, waiting }) => [
        ...holders.slice(0, maxJobs).flatMap((holder) => (holder.kind === 'job' ? [holder.job] : [])),
        ...waiting.slice(0, maxJobs).map(({ job }) => job),
      ]),
  );

/** Who has which lock since when and why, and who waits for it. @param jobs those that are known, by id */
export const locksTable = (locks: readonly Lock[], jobs: ReadonlyMap<string, Job>): string => {
  if (locks.length === 0) return 'No lock of this repository is taken.';
  const named = (id: string): string => namedById(id, jobs);
  const rows = locks.slice(0, maxLocks).map(({ scope, key, holders, waiting, elsewhere }) => {
    const names = waiting.slice(0, maxJobs).map(({ job }) => named(job));
    return [
      `${inline(key)}${scope === sharedLockScope ? '<br>shared across repositories' : ''}`,
      lines(
        holderTexts({ holders: holders.slice(0, maxJobs) }, named),
        holders.length,
        elsewhereTexts(elsewhere?.holders ?? 0),
      ),
      lines(names, waiting.length, elsewhereTexts(elsewhere?.waiting ?? 0)),
    ];
  });
  const list = table(['Lock', 'Who has it', 'Who waits'], rows);
  return locks.length > maxLocks ? `${list}\n\nand ${locks.length - maxLocks} more.` : list;
};

/** The first of some, how many more there are, and those of other repositories, one below the other. */
const lines = (shown: readonly string[], count: number, elsewhere: readonly string[]): string => {
  const more = count > shown.length ? [`and ${count - shown.length} more`] : [];
  return [...shown, ...more, ...elsewhere].join('<br>') || 'nobody';
};

/** A person has the lock now, or had it before. @param command how to give it back, but for the key */
export const locked = (
  { key, holders, waiting }: Lock,
  outcome: 'taken' | 'yours',
  command = '/unlock',
): string => {
  const until = `Jobs that need it wait until it is given back: ${inline(`${command} ${key}`)}.`;
  const now =
    waiting.length === 0 ? '' : ` Now ${waiting.length} ${waiting.length === 1 ? 'waits' : 'wait'}.`;
  if (outcome === 'taken') return `🔒 The lock ${inline(key)} is yours. ${until}${now}`;
  // Somebody else may have taken it in this person's name.
  const [holder] = holders;
  const claimant = holder?.kind === 'person' ? claimantText(holder.via) : '';
  return `🔒 The lock ${inline(key)} is yours already${claimant}. ${until}${now}`;
};

/** Somebody else has the lock. */
export const lockHeld = (command: string, { key, holders, elsewhere }: Lock): string => {
  const who = holderTexts({ holders, elsewhere: elsewhere?.holders }).join('; ');
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

import type { Job, Lock, LockHolder } from '../../../compute/client/index.ts';
import { toCodeSpan } from '../../markdown/untrusted-text.ts';
import { formatTable } from '../../markdown/table.ts';
import { formatClaimant } from '../caller.ts';
import { sharedLockScope } from '../../scope.ts';
import { formatJobById } from '../headline.ts';
import { formatOtherHolders, formatHolder, formatHolders } from '../waiting-job.ts';
import { renderRefusal } from './refusal.ts';

/** The most locks, and the most jobs of each, that a list shows. */
const maxLocks = 50;
const maxJobs = 5;

/** Returns the jobs, by their ids, that a list of these locks names. */
export const getListedJobs = (locks: readonly Lock[]): Set<string> =>
  new Set(
    locks
      .slice(0, maxLocks)
      .flatMap(({ holders, waiting }) => [
        ...holders.slice(0, maxJobs).flatMap((holder) => (holder.kind === 'job' ? [holder.job] : [])),
        ...waiting.slice(0, maxJobs).map(({ job }) => job),
      ]),
  );

/** Who has which lock since when and why, and who waits for it. @param jobs those that are known, by id */
export const renderLocks = (locks: readonly Lock[], jobs: ReadonlyMap<string, Job>): string => {
  if (locks.length === 0) return 'No lock of this repository is taken.';
  const formatJob = (id: string): string => formatJobById(id, jobs);
  const rows = locks.slice(0, maxLocks).map(({ scope, key, holders, waiting, elsewhere }) => {
    const names = waiting.slice(0, maxJobs).map(({ job }) => formatJob(job));
    return [
      `${toCodeSpan(key)}${scope === sharedLockScope ? '<br>shared across repositories' : ''}`,
      formatLines(
        formatHolders({ holders: holders.slice(0, maxJobs) }, formatJob),
        holders.length,
        formatOtherHolders(elsewhere?.holders ?? 0),
      ),
      formatLines(names, waiting.length, formatOtherHolders(elsewhere?.waiting ?? 0)),
    ];
  });
  const list = formatTable(['Lock', 'Who has it', 'Who waits'], rows);
  return locks.length > maxLocks ? `${list}\n\nand ${locks.length - maxLocks} more.` : list;
};

/** The first of some, how many more there are, and those of other repositories, one below the other. */
const formatLines = (shown: readonly string[], count: number, elsewhere: readonly string[]): string => {
  const more = count > shown.length ? [`and ${count - shown.length} more`] : [];
  return [...shown, ...more, ...elsewhere].join('<br>') || 'nobody';
};

/** A person has the lock now, or had it before. @param command how to give it back, but for the key */
export const renderLocked = (
  { key, holders, waiting }: Lock,
  outcome: 'taken' | 'yours',
  command = '/unlock',
): string => {
  const until = `Jobs that need it wait until it is given back: ${toCodeSpan(`${command} ${key}`)}.`;
  const now =
    waiting.length === 0 ? '' : ` Now ${waiting.length} ${waiting.length === 1 ? 'waits' : 'wait'}.`;
  if (outcome === 'taken') return `🔒 The lock ${toCodeSpan(key)} is yours. ${until}${now}`;
  // Somebody else may have taken it in this person's name.
  const [holder] = holders;
  const claimant = holder?.kind === 'person' ? formatClaimant(holder.via) : '';
  return `🔒 The lock ${toCodeSpan(key)} is yours already${claimant}. ${until}${now}`;
};

/** Somebody else has the lock. */
export const renderLockHeld = (command: string, { key, holders, elsewhere }: Lock): string => {
  const who = formatHolders({ holders, elsewhere: elsewhere?.holders }).join('; ');
  return renderRefusal(
    command,
    `changed nothing: the lock ${toCodeSpan(key)} is with ${who || 'somebody else'}.`,
  );
};

/** A lock is free again. @param from other persons who had it until now */
export const renderUnlocked = (key: string, from: readonly LockHolder[] = []): string => {
  const whose =
    from.length === 0 ? '' : ` It was with ${from.map((holder) => formatHolder(holder)).join('; ')}.`;
  return `🔓 The lock ${toCodeSpan(key)} is given back.${whose} A job that waits for it goes on.`;
};

export const renderNotLocked = (key: string): string =>
  renderRefusal('/unlock', `changed nothing: nobody has the lock ${toCodeSpan(key)}.`);

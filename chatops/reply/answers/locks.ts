import type { Job, Lock } from '../../../compute/client/index.ts';
import { toCodeSpan } from '../../markdown/untrusted-text.ts';
import { formatTable } from '../../markdown/table.ts';
import { taskLockScope } from '../../../contracts/task-locks.ts';
import { formatJobById } from '../headline.ts';
import { formatOtherHolders, formatHolders } from '../lock-holders.ts';

/** The maximum number of locks in a list, and of jobs for each lock. */
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

/** Lists locks in a table, with their holders and waiting jobs. @param jobs the known jobs, by id */
export const renderLocks = (locks: readonly Lock[], jobs: ReadonlyMap<string, Job>): string => {
  if (locks.length === 0) return 'No locks are held in this repository.';
  const formatJob = (id: string): string => formatJobById(id, jobs);
  const rows = locks.slice(0, maxLocks).map(({ scope, key, holders, waiting, elsewhere }) => {
    const names = waiting.slice(0, maxJobs).map(({ job }) => formatJob(job));
    return [
      `${toCodeSpan(key)}${scope === taskLockScope ? '<br>shared across repositories' : ''}`,
      formatLines(
        formatHolders({ holders: holders.slice(0, maxJobs) }, formatJob),
        holders.length,
        formatOtherHolders(elsewhere?.holders ?? 0),
      ),
      formatLines(names, waiting.length, formatOtherHolders(elsewhere?.waiting ?? 0)),
    ];
  });
  const list = formatTable(['Lock', 'Held by', 'Waiting'], rows);
  return locks.length > maxLocks ? `${list}\n\nand ${locks.length - maxLocks} more.` : list;
};

/** Joins lines for a table cell: the first entries, the number of further ones, and those of other repositories. */
const formatLines = (shown: readonly string[], count: number, elsewhere: readonly string[]): string => {
  const more = count > shown.length ? [`and ${count - shown.length} more`] : [];
  return [...shown, ...more, ...elsewhere].join('<br>') || 'nobody';
};

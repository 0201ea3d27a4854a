import type { LockHolder } from '../../compute/client/index.ts';
import { formatPerson } from './caller.ts';
import { formatExact } from './exact-text.ts';
import { formatJobId } from './job-link.ts';
import { formatLockEnd } from './lock-end.ts';
import { formatTime } from './time.ts';

/** Describes the holders of a lock: those listed, and the number of other repositories' jobs, whose ids are not shown. `jobName` describes a job. */
export const formatHolders = (
  { holders, elsewhere = 0 }: { holders: readonly LockHolder[]; elsewhere?: number | undefined },
  jobName?: (id: string) => string,
): string[] => [...holders.map((holder) => formatHolder(holder, jobName)), ...formatOtherHolders(elsewhere)];

/** Describes a number of jobs of other repositories. */
export const formatOtherHolders = (count: number): string[] => {
  if (count === 0) return [];
  return [count === 1 ? 'a job of another repository' : `${count} jobs of other repositories`];
};

/** Describes who holds a lock, since when, and why. `jobName` describes a job. */
export const formatHolder = (holder: LockHolder, jobName?: (id: string) => string): string =>
  `${formatHolderName(holder, jobName)} ${formatHold(holder)}`;

/** Names the holder of a lock. `jobName` describes a job. */
export const formatHolderName = (
  holder: LockHolder,
  jobName: (id: string) => string = formatJobId,
): string => (holder.kind === 'job' ? jobName(holder.job) : formatPerson(holder.person.name, holder.via));

/** Describes since when a lock is held, why, and when it ends: `since 2026-03-01 11:00 UTC, because …`. */
export const formatHold = (holder: LockHolder): string => {
  const since = `since ${formatTime(holder.since)}`;
  if (holder.kind === 'job') return since;
  const because = holder.reason === null ? '' : `, because ${formatExact(holder.reason, 300)}`;
  return `${since}${because}${holder.end ? `; ends ${formatLockEnd(holder.end)}` : ''}`;
};

import type { Job, Lock } from '../../../compute/client/index.ts';
import { toCodeSpan } from '../../markdown/untrusted-text.ts';
import { formatClaimant } from '../caller.ts';
import { formatJobById } from '../headline.ts';
import { formatLockEnd } from '../lock-end.ts';
import { formatHolders } from '../lock-holders.ts';
import { renderRefusal } from './refusal.ts';

/**
 * Reports that the author now holds the lock, or already did, and when it ends.
 * @param more `command`: the command that releases it, without the key; `hasRequestedEnd`: whether it should end by itself
 */
export const renderLocked = (
  { key, holders, waiting }: Lock,
  outcome: 'taken' | 'yours',
  { command = '/unlock', hasRequestedEnd = false }: { command?: string; hasRequestedEnd?: boolean } = {},
): string => {
  const [holder] = holders;
  const end = holder?.kind === 'person' ? holder.end : undefined;
  const release = toCodeSpan(`${command} ${key}`);
  const until = end
    ? `It ends ${formatLockEnd(end)}. Jobs that need it wait until then, or until you release it: ${release}.`
    : `Jobs that need it wait until you release it: ${release}.`;
  // An orchestrator of an older version stores no end, and nobody should rely on one.
  const warning =
    hasRequestedEnd && !end
      ? ' ⚠️ It does not end by itself, because this version of the orchestrator does not support that.'
      : '';
  const now =
    waiting.length === 0 ? '' : ` ${waiting.length} ${waiting.length === 1 ? 'job is' : 'jobs are'} waiting.`;
  if (outcome === 'taken') return `🔒 You hold the lock ${toCodeSpan(key)}. ${until}${warning}${now}`;
  // Another caller may have taken it in this person's name.
  const claimant = holder?.kind === 'person' ? formatClaimant(holder.via) : '';
  return `🔒 You already hold the lock ${toCodeSpan(key)}${claimant}. ${until}${warning}${now}`;
};

/** Refuses a lock that should end when the thread is closed. */
export const renderNothingToClose = (): string =>
  renderRefusal('/lock', 'changed nothing: `until=closed` needs an issue or pull request that is open.');

/** Reports that someone else holds the lock. @param jobs the known jobs, by id */
export const renderLockHeld = (
  command: string,
  { key, holders, elsewhere }: Lock,
  jobs: ReadonlyMap<string, Job> = new Map(),
): string => {
  const who = formatHolders({ holders, elsewhere: elsewhere?.holders }, (id) => formatJobById(id, jobs)).join(
    '; ',
  );
  return renderRefusal(
    command,
    `changed nothing: the lock ${toCodeSpan(key)} is held by ${who || 'someone else'}.`,
  );
};

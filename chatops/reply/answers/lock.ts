import type { Job, Lock } from '../../../compute/client/index.ts';
import { toCodeSpan } from '../../markdown/untrusted-text.ts';
import { formatClaimant } from '../caller.ts';
import { formatJobById } from '../headline.ts';
import { formatHolders } from '../lock-holders.ts';
import { renderRefusal } from './refusal.ts';

/** Reports that the author now holds the lock, or already did. @param command the command that releases it, without the key */
export const renderLocked = (
  { key, holders, waiting }: Lock,
  outcome: 'taken' | 'yours',
  command = '/unlock',
): string => {
  const until = `Jobs that need it wait until you release it: ${toCodeSpan(`${command} ${key}`)}.`;
  const now =
    waiting.length === 0 ? '' : ` ${waiting.length} ${waiting.length === 1 ? 'job is' : 'jobs are'} waiting.`;
  if (outcome === 'taken') return `🔒 You hold the lock ${toCodeSpan(key)}. ${until}${now}`;
  // Another caller may have taken it in this person's name.
  const [holder] = holders;
  const claimant = holder?.kind === 'person' ? formatClaimant(holder.via) : '';
  return `🔒 You already hold the lock ${toCodeSpan(key)}${claimant}. ${until}${now}`;
};

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

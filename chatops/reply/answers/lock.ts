import type { Lock } from '../../../compute/client/index.ts';
import { toCodeSpan } from '../../markdown/untrusted-text.ts';
import { formatClaimant } from '../caller.ts';
import { formatHolders } from '../waiting-job.ts';
import { renderRefusal } from './refusal.ts';

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

import type { LockHolder } from '../../../compute/client/index.ts';
import { toCodeSpan } from '../../markdown/untrusted-text.ts';
import { formatHolder } from '../lock-holders.ts';
import { renderRefusal } from './refusal.ts';

/** Reports that a lock was released, and mentions other people who held it. @param from these people */
export const renderUnlocked = (key: string, from: readonly LockHolder[] = []): string => {
  const whose = from.length === 0 ? '' : ` It was held by ${from.map(formatFormerHolder).join('; ')}.`;
  return `🔓 The lock ${toCodeSpan(key)} is released.${whose} A job that waits for it can continue.`;
};

/** Describes who held a lock. A person is mentioned, so that GitHub notifies them, if the caller that named them has verified it. */
const formatFormerHolder = (holder: LockHolder): string => {
  const text = formatHolder(holder);
  if (holder.kind === 'job' || (holder.via && !holder.via.entry)) return text;
  const { name } = holder.person;
  return loginPattern.test(name) ? text.replace(toCodeSpan(name), `@${name}`) : text;
};

/** A login on GitHub; those of managed users contain an underscore. */
const loginPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/;

export const renderNotLocked = (key: string): string =>
  renderRefusal('/unlock', `changed nothing: nobody holds the lock ${toCodeSpan(key)}.`);

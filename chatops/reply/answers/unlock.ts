import type { LockHolder } from '../../../compute/client/index.ts';
import { toCodeSpan } from '../../markdown/untrusted-text.ts';
import { formatHolder } from '../lock-holders.ts';
import { renderRefusal } from './refusal.ts';

/** Reports that a lock was released. @param from other people who held it */
export const renderUnlocked = (key: string, from: readonly LockHolder[] = []): string => {
  const whose =
    from.length === 0 ? '' : ` It was held by ${from.map((holder) => formatHolder(holder)).join('; ')}.`;
  return `🔓 The lock ${toCodeSpan(key)} is released.${whose} A job that waits for it can continue.`;
};

export const renderNotLocked = (key: string): string =>
  renderRefusal('/unlock', `changed nothing: nobody holds the lock ${toCodeSpan(key)}.`);

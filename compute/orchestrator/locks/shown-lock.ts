import type { Lock, LockHolder } from '../../formats/conditions.ts';

/** Whether somebody may see a job of an owner, as `ownerOf` names it. */
export type SeesOwner = (owner: string) => boolean;

/**
 * Returns a lock as somebody sees it. Jobs of other repositories, whose ids derive from what they were asked for, are only counted.
 * Persons are shown: only callers that are trusted with the lock can take it by hand.
 */
export const shownLock = (lock: Lock, sees: SeesOwner): Lock => {
  // Entries of an older version name no owner. Most are of the repository that the scope names, `<host>/<id>` or that and `#…`.
  const [ofScope = ''] = lock.scope.split('#');
  const isShown = (owner = ofScope): boolean => sees(owner);
  const isShownHolder = (holder: LockHolder): boolean => holder.kind === 'person' || isShown(holder.owner);
  const holders = lock.holders.filter(isShownHolder);
  const waiting = lock.waiting.filter(({ owner }) => isShown(owner));
  const elsewhere = {
    holders: lock.holders.length - holders.length,
    waiting: lock.waiting.length - waiting.length,
  };
  return elsewhere.holders + elsewhere.waiting === 0 ? lock : { ...lock, holders, waiting, elsewhere };
};

/** Returns whether a job that is shown has the lock or waits for it. */
export const hasShownJob = ({ holders, waiting }: Lock): boolean =>
  waiting.length > 0 || holders.some(({ kind }) => kind === 'job');

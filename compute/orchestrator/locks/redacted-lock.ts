import type { Lock, LockHolder } from '../../../contracts/conditions.ts';

/** Returns whether a viewer can see the jobs of an owner, as `ownerOf` returns it. */
export type SeesOwner = (owner: string) => boolean;

/**
 * Returns a lock as a viewer sees it. Jobs of other repositories are only counted, because their ids are derived from their requests.
 * People are shown, because only callers that are trusted with the lock can take it by hand.
 */
export const shownLock = (lock: Lock, sees: SeesOwner): Lock => {
  // Entries of older versions have no owner. Most belong to the repository in the scope: `<host>/<id>`, optionally with `#…`.
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

/** Returns whether a visible job holds the lock or waits for it. */
export const hasShownJob = ({ holders, waiting }: Lock): boolean =>
  waiting.length > 0 || holders.some(({ kind }) => kind === 'job');

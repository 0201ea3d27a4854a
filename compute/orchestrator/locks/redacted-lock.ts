import type { Lock, LockHolder } from '../../../contracts/conditions.ts';

/** Returns whether a viewer can see the jobs of an owner, as `toOwner` returns it. */
export type OwnerFilter = (owner: string) => boolean;

/**
 * Returns a lock as a viewer sees it. Jobs of other repositories are only counted, because their ids are derived from their requests.
 * People are shown, because only callers that are trusted with the lock can take it by hand.
 */
export const redactLock = (lock: Lock, isVisibleOwner: OwnerFilter): Lock => {
  // Entries of older versions have no owner. Most belong to the repository in the scope: `<host>/<id>`, optionally with `#…`.
  const [scopeOwner = ''] = lock.scope.split('#');
  const isVisible = (owner = scopeOwner): boolean => isVisibleOwner(owner);
  const isVisibleHolder = (holder: LockHolder): boolean =>
    holder.kind === 'person' || isVisible(holder.owner);
  const holders = lock.holders.filter(isVisibleHolder);
  const waiting = lock.waiting.filter(({ owner }) => isVisible(owner));
  const elsewhere = {
    holders: lock.holders.length - holders.length,
    waiting: lock.waiting.length - waiting.length,
  };
  return elsewhere.holders + elsewhere.waiting === 0 ? lock : { ...lock, holders, waiting, elsewhere };
};

/** Returns whether a visible job holds the lock or waits for it. */
export const hasVisibleJob = ({ holders, waiting }: Lock): boolean =>
  waiting.length > 0 || holders.some(({ kind }) => kind === 'job');

import type { BlobPath } from '../../../contracts/blob-paths.ts';
import { parseJson } from '../../../contracts/problem.ts';
import type { Blobs } from '../../storage/port.ts';
import { compareAndSwap, type SwapRetry } from '../../storage/compare-and-swap.ts';
import { Lease, type LeaseClaim, type LeaseRequest } from './lease.ts';

/** A stored lease and the version of its blob. `lease` is undefined if the blob's content is invalid: then the lease is free. */
type StoredLease = { lease: Lease | undefined; tag: string };

const findLease = async (blobs: Blobs, path: BlobPath): Promise<StoredLease | undefined> => {
  const found = await blobs.getWithTag(path);
  if (!found) return undefined;
  const lease = parseJson(Lease, found.body.toString());
  return { lease: lease.ok ? lease.value : undefined, tag: found.tag };
};

/**
 * Takes a lease that is free or has expired, or renews it for its holder. Returns the current lease, whose holder shows who was first.
 * @param path the path of the lease's blob
 * @throws if the lease cannot be written
 */
export const takeLease = async (
  blobs: Blobs,
  path: BlobPath,
  { seconds, byGuest = false, overGuests = false, ...claim }: LeaseRequest,
  retry?: SwapRetry,
): Promise<Lease> => {
  const attempt = async (): Promise<Lease | undefined> => {
    const found = await findLease(blobs, path);
    const now = Date.now();
    const { lease } = found ?? {};
    const isFree = !lease || Date.parse(lease.until) <= now || (overGuests && lease.byGuest === true);
    if (!isFree && lease.holder !== claim.holder) return lease;
    // An entry that renews a guest's lease under the same holder name takes it over.
    const isGuestLease = byGuest && (isFree || lease.byGuest === true);
    const until = new Date(now + seconds * 1_000).toISOString();
    const taken: Lease = { v: 1, ...claim, until, ...(isGuestLease ? { byGuest: true } : {}) };
    return (await blobs.putIf(path, JSON.stringify(taken), found?.tag ?? null)) ? taken : undefined;
  };
  return compareAndSwap(`The lease ${claim.name}`, attempt, retry);
};

/** Releases a lease if this holder has it. */
export const releaseLease = async (
  blobs: Blobs,
  path: BlobPath,
  { holder }: Pick<LeaseClaim, 'holder'>,
): Promise<void> => {
  for (;;) {
    const found = await findLease(blobs, path);
    if (!found?.lease || found.lease.holder !== holder) return;
    // Somebody was quicker: the holder itself, who renewed, or another, once it had run out.
    if (await blobs.deleteIf(path, found.tag)) return;
  }
};

/** Removes an expired lease. */
export const removeExpired = async (blobs: Blobs, path: BlobPath): Promise<void> => {
  const found = await findLease(blobs, path);
  if (!found || (found.lease && Date.parse(found.lease.until) > Date.now())) return;
  await blobs.deleteIf(path, found.tag);
};

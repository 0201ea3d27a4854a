import type { ContainerClient, RestError } from '@azure/storage-blob';
import { hash } from 'node:crypto';
import type { Leases } from '../../compute/client/index.ts';
import { createCallTimeout, memoizeSuccess, openContainer } from '../storage-container.ts';

/** The leases that only the replicas of one bot share. */
export type ReplicaLeases = {
  /** Takes or renews a lease for a number of seconds. Returns false while another holder has it. */
  take(name: string, holder: string, seconds: number): Promise<boolean>;
  release: Leases['release'];
};

/** The storage of leases, and of a version that replicas change to wake the leader. Methods throw if storage does not answer. */
export type LeaseStorage = ReplicaLeases & {
  /** Changes the version of a name. */
  changeVersion(name: string): Promise<void>;
  /** Returns the current version of a name; null if it was never changed. */
  getVersion(name: string): Promise<string | null>;
};

/**
 * The shortest and the longest lease of a blob, in seconds. Source:
 * https://learn.microsoft.com/rest/api/storageservices/lease-blob
 */
const bounds = { min: 15, max: 60 };

/**
 * Opens a storage account for the leases of a bot: a lease is the lease of the blob `leases/<name>`, so taking and renewing it calls no
 * orchestrator.
 * @param storage a connection string, or the URL of a blob endpoint with its SAS
 */
export const openLeaseStorage = (storage: string): LeaseStorage => {
  let container = memoizeSuccess(() => openContainer(storage, 'leases'));

  /** Runs a call, which creates what is missing and runs again if the blob or its container does not exist. */
  const withBlob = async <T>(name: string, call: (container: ContainerClient) => Promise<T>): Promise<T> => {
    try {
      return await call(await container());
    } catch (error) {
      if (getCode(error) === 'ContainerNotFound')
        container = memoizeSuccess(() => openContainer(storage, 'leases'));
      else if (getCode(error) !== 'BlobNotFound') throw error;
    }
    await createBlob(await container(), name);
    return call(await container());
  };

  return {
    take: (name, holder, seconds) =>
      withBlob(name, async (leases) => {
        const lease = leases.getBlobClient(name).getBlobLeaseClient(toLeaseId(holder));
        const duration = Math.min(bounds.max, Math.max(bounds.min, Math.ceil(seconds)));
        try {
          // For the holder of the lease, this renews it.
          await lease.acquireLease(duration, { abortSignal: createCallTimeout() });
          return true;
        } catch (error) {
          if (isHeld(error)) return false;
          throw error;
        }
      }),
    release: async (name, holder) => {
      const lease = (await container()).getBlobClient(name).getBlobLeaseClient(toLeaseId(holder));
      await lease.releaseLease({ abortSignal: createCallTimeout() }).catch((error: unknown) => {
        // Another holder has it, or nobody.
        if (![404, 409].includes((error as RestError).statusCode ?? 0)) throw error;
      });
    },
    changeVersion: async (name) => {
      const text = new Date().toISOString();
      await withBlob(name, (leases) =>
        leases.getBlockBlobClient(name).upload(text, text.length, { abortSignal: createCallTimeout() }),
      );
    },
    getVersion: async (name) => {
      try {
        const blob = (await container()).getBlobClient(name);
        return (await blob.getProperties({ abortSignal: createCallTimeout() })).etag ?? null;
      } catch (error) {
        if ((error as RestError).statusCode === 404) return null;
        throw error;
      }
    },
  };
};

const getCode = (error: unknown): string | undefined => (error as RestError).code;

const isHeld = (error: unknown): boolean =>
  ['LeaseAlreadyPresent', 'LeaseIsBreakingAndCannotBeAcquired'].includes(getCode(error) ?? '');

/** Creates an empty blob, unless another process was first. */
const createBlob = async (container: ContainerClient, name: string): Promise<void> => {
  const conditions = { ifNoneMatch: '*' };
  try {
    await container.getBlockBlobClient(name).upload('', 0, { conditions, abortSignal: createCallTimeout() });
  } catch (error) {
    if (![409, 412].includes((error as RestError).statusCode ?? 0)) throw error;
  }
};

/** Returns the id of all leases of a holder, which has to be a GUID. */
const toLeaseId = (holder: string): string =>
  hash('sha256', holder).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');

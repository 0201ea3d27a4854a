import type { LockCondition } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { releaseLocks as release } from '../locks/lock-store.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** A job that ends gives its locks back, durably, also those for which it still waits. */
export const releaseLocks =
  ({ storage, flush }: ActivityDependencies) =>
  async ({ job, locks }: { job: JobId; locks: LockCondition[] }): Promise<null> => {
    await release(storage.blobs, job, locks);
    await flush();
    return null;
  };

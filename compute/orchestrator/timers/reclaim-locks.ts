import type { Lock } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { Chore, DurableClient } from '../durable.ts';
import { getLockJobs } from '../locks/lock.ts';
import { listLocks, releaseExpiredLocks } from '../locks/lock-store.ts';
import { processEach } from '../process-each.ts';
import { isLive } from '../job/instances.ts';
import { cleanUpJob, type CleanUpDependencies } from './clean-up-terminated.ts';

/**
 * Releases the locks whose time is over, and the locks of jobs that have ended or do not exist. The input of a job that was purged from
 * outside is lost, and a job's locks cannot be released by hand.
 */
export const reclaimLocks = (dependencies: CleanUpDependencies): Chore => ({
  name: 'reclaim-locks',
  run: async (client) => {
    await releaseExpiredLocks(dependencies.blobs);
    const reclaim = async (lock: Lock): Promise<void> => {
      for (const job of await listEndedJobs(client, lock))
        await cleanUpJob(client, dependencies, {
          job,
          stop: { reason: 'terminated', by: null },
          locks: [lock],
        });
    };
    await processEach(listLocks(dependencies.blobs), reclaim, 'Could not reclaim all locks of ended jobs');
  },
});

const listEndedJobs = async (client: DurableClient, lock: Lock): Promise<JobId[]> => {
  const ended: JobId[] = [];
  for (const job of getLockJobs(lock)) {
    const status = await client.status(job);
    if (!status || !isLive(status)) ended.push(job);
  }
  return ended;
};

import type { Lock } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { DurableClient, TimerFunction } from '../durable.ts';
import { getLockJobs } from '../locks/lock.ts';
import { listLocks } from '../locks/lock-store.ts';
import { isLive } from '../job/instances.ts';
import { cleanUpJob, type CleanUpDependencies } from './clean-up-terminated.ts';

/**
 * Takes locks back from jobs that have ended or are gone: a job whose instance was purged from outside cannot be found by its
 * input any more, and nobody else may release its locks.
 */
export const reclaimLocks = (dependencies: CleanUpDependencies): TimerFunction => ({
  name: 'ReclaimLocks',
  everySeconds: 60,
  handle: async (client) => {
    for await (const lock of listLocks(dependencies.blobs))
      for (const job of await listEndedJobs(client, lock))
        await cleanUpJob(client, dependencies, job, { reason: 'terminated', by: null }, [lock]);
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

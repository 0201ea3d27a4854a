import { cleanedUpPath, cleanedUpPrefix, type BlobPath } from '../../../contracts/blob-paths.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { Launcher } from '../../launcher/port.ts';
import type { Blobs } from '../../storage/port.ts';
import type { Chore, DurableClient, InstanceStatus } from '../durable.ts';
import { processEach } from '../process-each.ts';
import { getRequiredLocks } from '../job/job-state.ts';
import type { LockName } from '../locks/lock.ts';
import { releaseLocks } from '../locks/lock-store.ts';
import { putCancellationMarker, type JobStop } from '../job/cancellation-marker.ts';
import { cancelBatches } from '../job/cancel-batches.ts';
import { listInstances } from '../job/instances.ts';
import { parseJobInstance } from '../job/job-instance.ts';

/** The services that an ended job can have left something in. */
export type CleanUpDependencies = { blobs: Blobs; launcher: Launcher };

/**
 * Cleans up after jobs that were ended from outside, by a raw terminate or an error of their orchestration: such a job cannot stop its
 * batches and its runner itself. A marker in storage says that a job was cleaned up, so that no later process repeats it for all jobs of
 * the retention. A clean-up that fails has no marker, is retried, and does not delay others.
 */
export const cleanUpTerminated = (dependencies: CleanUpDependencies): Chore => ({
  name: 'clean-up-terminated',
  run: async (client) => {
    const { blobs } = dependencies;
    // Listed before the jobs: a marker without an ended job is then certainly of a job that was purged.
    const markers = await listMarkers(blobs);
    const cleanUp = async (status: InstanceStatus): Promise<void> => {
      const job = parseJobInstance(status);
      if (!job) return;
      const marker = cleanedUpPath(job.id, status.createdTime);
      if (markers.delete(marker)) return;
      const reason = status.runtimeStatus === 'Terminated' ? 'terminated' : 'internal';
      const locks = getRequiredLocks(job.input);
      const ended = { job: job.id, stop: { reason, by: null }, locks } as const;
      if (await cleanUpJob(client, dependencies, ended))
        await blobs.put(marker, '{"v":1}', 'application/json');
    };
    const filter = { prefix: 'job-', statuses: ['Terminated', 'Failed'] as const };
    await processEach(listInstances(client, filter), cleanUp, 'Could not clean up after all ended jobs');
    if (markers.size > 0) await blobs.delete([...markers]);
  },
});

/** Returns the markers of all jobs that were cleaned up, in one request per 5 000 jobs. */
const listMarkers = async (blobs: Blobs): Promise<Set<BlobPath>> => {
  const markers = new Set<BlobPath>();
  for await (const { path } of blobs.list(cleanedUpPrefix)) markers.add(path);
  return markers;
};

/** A job that ended from outside. `stop`: the content of its cancellation marker. */
type EndedJob = { job: JobId; stop: JobStop; locks: readonly LockName[] };

/**
 * Writes an ended job's cancellation marker, cancels its batches, removes its runner, and only then releases its locks: the next holder
 * must not run beside its script. The marker comes first, so that a concurrent launch either sees it, or has ended when the runner is
 * removed.
 * @returns false if the removal of the runner takes longer: the call must be repeated
 */
export const cleanUpJob = async (
  client: DurableClient,
  { blobs, launcher }: CleanUpDependencies,
  { job, stop, locks }: EndedJob,
): Promise<boolean> => {
  await putCancellationMarker(blobs, job, stop);
  await cancelBatches(client, job, stop);
  if ((await launcher.remove(job)) === 'later') return false;
  await releaseLocks(blobs, job, locks);
  return true;
};

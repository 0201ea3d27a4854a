import type { JobId } from '../../../contracts/ids.ts';
import type { Launcher } from '../../launcher/port.ts';
import type { Blobs } from '../../storage/port.ts';
import type { DurableClient, TimerFunction } from '../durable.ts';
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
 * batches and its runner itself. A clean-up that fails is retried, and does not delay others.
 */
export const cleanUpTerminated = (dependencies: CleanUpDependencies): TimerFunction => {
  const seen = new Set<string>();
  return {
    name: 'LetGo',
    everySeconds: 10,
    handle: async (client) => {
      const ended = new Set<string>();
      const errors: unknown[] = [];
      const filter = { prefix: 'job-', statuses: ['Terminated', 'Failed'] as const };
      for await (const status of listInstances(client, filter)) {
        ended.add(status.instanceId);
        if (seen.has(status.instanceId)) continue;
        const job = parseJobInstance(status);
        const reason = status.runtimeStatus === 'Terminated' ? 'terminated' : 'internal';
        try {
          if (job) {
            const locks = getRequiredLocks(job.input);
            await cleanUpJob(client, dependencies, { job: job.id, stop: { reason, by: null }, locks });
          }
          seen.add(status.instanceId);
        } catch (error) {
          errors.push(error);
        }
      }
      for (const id of seen) if (!ended.has(id)) seen.delete(id);
      if (errors.length > 0) throw new AggregateError(errors, 'Could not clean up after all ended jobs');
    },
  };
};

/** A job that ended from outside. `stop`: the content of its cancellation marker. */
type EndedJob = { job: JobId; stop: JobStop; locks: readonly LockName[] };

/**
 * Writes an ended job's cancellation marker, cancels its batches, removes its runner, and only then releases its locks: the next holder
 * must not run beside its script. The marker comes first, so that a concurrent launch either sees it, or has ended when the runner is
 * removed.
 */
export const cleanUpJob = async (
  client: DurableClient,
  { blobs, launcher }: CleanUpDependencies,
  { job, stop, locks }: EndedJob,
): Promise<void> => {
  await putCancellationMarker(blobs, job, stop);
  await cancelBatches(client, job, stop);
  await launcher.remove(job);
  await releaseLocks(blobs, job, locks);
};

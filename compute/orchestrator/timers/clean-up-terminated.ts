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

/** What a job may have left behind, and where. */
export type CleanUpDependencies = { blobs: Blobs; launcher: Launcher };

/**
 * Lets go of what a job has left behind that was ended from outside (a raw terminate, or a fault of its orchestration): such a job
 * cannot tell its batches and its runner. What cannot be let go of is tried again, and keeps nobody else waiting.
 */
export const cleanUpTerminated = (dependencies: CleanUpDependencies): TimerFunction => {
  const seen = new Set<string>();
  return {
    name: 'LetGo',
    everySeconds: 10,
    handle: async (client) => {
      const ended = new Set<string>();
      const faults: unknown[] = [];
      const filter = { prefix: 'job-', statuses: ['Terminated', 'Failed'] as const };
      for await (const status of listInstances(client, filter)) {
        ended.add(status.instanceId);
        if (seen.has(status.instanceId)) continue;
        const job = parseJobInstance(status);
        const reason = status.runtimeStatus === 'Terminated' ? 'terminated' : 'internal';
        try {
          if (job)
            await cleanUpJob(client, dependencies, job.id, { reason, by: null }, getRequiredLocks(job.input));
          seen.add(status.instanceId);
        } catch (fault) {
          faults.push(fault);
        }
      }
      for (const id of seen) if (!ended.has(id)) seen.delete(id);
      if (faults.length > 0)
        throw new AggregateError(faults, 'Not all that ended jobs have left could be let go of');
    },
  };
};

/**
 * Puts an ended job's mark, tells its batches, removes its runner, and only then gives back its locks: who gets them next must not
 * meet its script. The mark comes first, so that a launch under way sees it, or is over when the runner is removed.
 */
export const cleanUpJob = async (
  client: DurableClient,
  { blobs, launcher }: CleanUpDependencies,
  job: JobId,
  stop: JobStop,
  locks: readonly LockName[],
): Promise<void> => {
  await putCancellationMarker(blobs, job, stop);
  await cancelBatches(client, job, stop);
  await launcher.remove(job);
  await releaseLocks(blobs, job, locks);
};

import type { Launcher } from '../../launcher/port.ts';
import type { Blobs } from '../../storage/port.ts';
import { releaseLocks } from '../locks/locks.ts';
import type { DurableClient, TimerFunction } from '../durable.ts';
import { putMark, type Stop } from '../stop.ts';
import { tellBatches } from '../tell-batches.ts';
import { allInstances } from '../view/instances.ts';
import { locksOf } from '../job-input.ts';
import { jobInstance, type JobInstance } from '../view/job-instance.ts';

/**
 * Lets go of what a job has left behind that was ended from outside (a raw terminate, or a fault of its orchestration): such a job
 * cannot tell its batches and its runner. Puts its mark, tells its batches, removes its runner, gives back its locks.
 */
export const letGo = ({ blobs, launcher }: { blobs: Blobs; launcher: Launcher }): TimerFunction => {
  const seen = new Set<string>();
  return {
    name: 'LetGo',
    everySeconds: 10,
    handle: async (client) => {
      const ended = new Set<string>();
      const filter = { prefix: 'job-', statuses: ['Terminated', 'Failed'] as const };
      for await (const status of allInstances(client, filter)) {
        ended.add(status.instanceId);
        const job = seen.has(status.instanceId) ? undefined : jobInstance(status);
        if (job) await letGoOf(client, blobs, launcher, job);
        seen.add(status.instanceId);
      }
      for (const id of seen) if (!ended.has(id)) seen.delete(id);
    },
  };
};

const letGoOf = async (
  client: DurableClient,
  blobs: Blobs,
  launcher: Launcher,
  { id, input, status }: JobInstance,
): Promise<void> => {
  const reason = status.runtimeStatus === 'Terminated' ? 'terminated' : 'internal';
  const stop: Stop = { reason, by: null };
  if (input.kind === 'task') await launcher.remove(id);
  await putMark(blobs, id, stop);
  await tellBatches(client, id, stop);
  await releaseLocks(blobs, id, locksOf(input));
};

import type { JobId } from '../../../contracts/ids.ts';
import type { LinkName } from '../../../contracts/job.ts';
import { putCancellationMarker, type JobStop } from '../job/cancellation-marker.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { writePartialOutputs } from './partial-outputs.ts';

/**
 * Writes the cancellation marker of a job that is stopped, durably, so that its workers and batches stop. If its batches have stopped,
 * also writes the outputs of the blocks that had ended.
 * @returns the names of the links to these outputs; null in histories of older versions
 */
export const markCanceled =
  ({ storage: { blobs }, flush }: ActivityDependencies) =>
  async ({ job, stop }: { job: JobId; stop: JobStop }): Promise<{ links: LinkName[] } | null> => {
    await putCancellationMarker(blobs, job, stop);
    // After an internal fault, batches still run until they see the marker.
    const links = stop.reason === 'internal' ? [] : await writePartialOutputs(blobs, job);
    await flush();
    return { links };
  };

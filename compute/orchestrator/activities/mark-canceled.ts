import type { JobId } from '../../../contracts/ids.ts';
import { putCancellationMarker, type JobStop } from '../job/cancellation-marker.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** Writes the cancellation marker of a job that is stopped, durably, so that its workers and batches stop. */
export const markCanceled =
  ({ storage, flush }: ActivityDependencies) =>
  async ({ job, stop }: { job: JobId; stop: JobStop }): Promise<null> => {
    await putCancellationMarker(storage.blobs, job, stop);
    await flush();
    return null;
  };

import type { JobId } from '../../../contracts/ids.ts';
import { putCancellationMarker, type JobStop } from '../job/cancellation-marker.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** Puts the mark of a job that is stopped, so that workers and batches let go of it, whatever becomes of storage. */
export const markCanceled =
  ({ storage, flush }: ActivityDependencies) =>
  async ({ job, stop }: { job: JobId; stop: JobStop }): Promise<null> => {
    await putCancellationMarker(storage.blobs, job, stop);
    await flush();
    return null;
  };

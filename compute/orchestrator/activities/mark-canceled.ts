import type { JobId } from '../../../contracts/ids.ts';
import { putMark, type Stop } from '../job/cancellation-marker.ts';
import type { Dependencies } from './dependencies.ts';

/** Puts the mark of a job that is stopped, so that workers and batches let go of it, whatever becomes of storage. */
export const markJob =
  ({ storage, flush }: Dependencies) =>
  async ({ job, stop }: { job: JobId; stop: Stop }): Promise<null> => {
    await putMark(storage.blobs, job, stop);
    await flush();
    return null;
  };

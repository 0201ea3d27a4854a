import { logPath } from '../../../contracts/blob-paths.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { Blobs } from '../../storage/port.ts';
import { decodeLastLines } from '../text.ts';

const maxLines = 5;
const maxBytes = 2_048;

/** Returns the last lines of a task's log, at most 5 and 2 KiB; null if there are none yet. @throws StorageError */
export const readLastLines = async (blobs: Blobs, job: JobId): Promise<string | null> => {
  const tail = await blobs.getTail(logPath(job), maxBytes);
  if (!tail) return null;
  const text = decodeLastLines(tail.body, tail.length > tail.body.length).trimEnd();
  return text.split('\n').slice(-maxLines).join('\n') || null;
};

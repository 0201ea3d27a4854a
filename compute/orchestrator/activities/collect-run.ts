import type { JobId } from '../../../contracts/ids.ts';
import { logPath, startedPath } from '../../../contracts/blob-paths.ts';
import { wholeLines } from '../log-end.ts';
import type { Dependencies } from './dependencies.ts';

export type Collected = { started: boolean; logTail: string | null };

/** The most of a log's end that stands in a job's status, in bytes. */
const tailBytes = 8 * 1024;

/** Removes a task's runner, and reads what is left, durably, of its run: whether the script was started, and the end of its log. */
export const collectRun =
  ({ storage: { blobs }, launcher, flush }: Dependencies) =>
  async ({ job }: { job: JobId }): Promise<Collected> => {
    await launcher.remove(job);
    await flush();
    const [started, log] = await Promise.all([
      blobs.exists(startedPath(job)),
      blobs.getEnd(logPath(job), tailBytes),
    ]);
    return { started, logTail: log ? wholeLines(log.body, log.length > log.body.length) : null };
  };

import type { JobId } from '../../../contracts/ids.ts';
import { logPath, startedPath } from '../../../contracts/blob-paths.ts';
import { decodeLastLines } from '../log-end.ts';
import type { ActivityDependencies } from './dependencies.ts';

export type CollectedRun = { started: boolean; logTail: string | null };

/** The most of a log's end that stands in a job's status, in bytes. */
const maxTailBytes = 8 * 1024;

/** Removes a task's runner, and reads what is left, durably, of its run: whether the script was started, and the end of its log. */
export const collectRun =
  ({ storage: { blobs }, launcher, flush }: ActivityDependencies) =>
  async ({ job }: { job: JobId }): Promise<CollectedRun> => {
    await launcher.remove(job);
    await flush();
    const [started, log] = await Promise.all([
      blobs.exists(startedPath(job)),
      blobs.getTail(logPath(job), maxTailBytes),
    ]);
    return { started, logTail: log ? decodeLastLines(log.body, log.length > log.body.length) : null };
  };

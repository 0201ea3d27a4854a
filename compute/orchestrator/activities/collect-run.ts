import type { JobId } from '../../formats/ids.ts';
import { logPath, startedPath } from '../../formats/paths.ts';
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
    const [started, log] = await Promise.all([blobs.exists(startedPath(job)), blobs.get(logPath(job))]);
    return { started, logTail: log ? tailOf(log) : null };
  };

/** The last whole lines of a log, at most 8 KiB; of one endless line its last 8 KiB. */
const tailOf = (log: Buffer): string => {
  if (log.length <= tailBytes) return log.toString();
  const tail = log.subarray(log.length - tailBytes);
  // The cut is at a line, and so never inside a character, unless there is no line's end.
  const line = tail.indexOf(0x0a) + 1;
  return (line < tail.length ? tail.subarray(line) : tail).toString().replace(/^\uFFFD+/, '');
};

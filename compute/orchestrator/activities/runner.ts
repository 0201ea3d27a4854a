import type { JobId } from '../../../contracts/ids.ts';
import { exitPath, logPath, startedPath } from '../../../contracts/blob-paths.ts';
import { parseJson } from '../../../contracts/problem.ts';
import { ExitRecord } from '../../../contracts/exit-record.ts';
import type { Blobs } from '../../storage/port.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { decodeLastLines } from '../text.ts';

/** `lost`: the runner is gone and has left no exit record. */
export type RunnerInspection = { exit: ExitRecord | null; lost: boolean };

/** Looks for a script's exit record, then at its runner; and once more for the record when the runner is gone. */
export const inspectRunner =
  ({ storage: { blobs }, launcher }: ActivityDependencies) =>
  async ({ job }: { job: JobId }): Promise<RunnerInspection> => {
    const exit = await readExitRecord(blobs, job);
    if (exit) return { exit, lost: false };
    const state = await launcher.inspect(job);
    if (state === 'pending' || state === 'running') return { exit: null, lost: false };
    const late = await readExitRecord(blobs, job);
    return { exit: late, lost: late === null };
  };

/** A record that is not whole counts as none: how the script ended is not known then. */
const readExitRecord = async (blobs: Blobs, job: JobId): Promise<ExitRecord | null> => {
  const body = await blobs.get(exitPath(job));
  if (!body) return null;
  const read = parseJson(ExitRecord, body.toString());
  return read.ok && read.value.job === job ? read.value : null;
};

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

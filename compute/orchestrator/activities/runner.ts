import type { JobId } from '../../../contracts/ids.ts';
import { exitPath, filesRecordPath, logPath, startedPath } from '../../../contracts/blob-paths.ts';
import { parseJson } from '../../../contracts/problem.ts';
import { ExitRecord } from '../../../contracts/exit-record.ts';
import { FilesRecord, maxFilesRecordBytes } from '../../../contracts/task-files.ts';
import type { Blobs } from '../../storage/port.ts';
import type { StoredFiles } from '../job/job-state.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { removeRunner } from './remove-runner.ts';
import { decodeLastLines } from '../text.ts';

/** `lost`: the runner is gone without an exit record. */
export type RunnerInspection = { exit: ExitRecord | null; lost: boolean };

/** Reads a script's exit record, then inspects its runner. If the runner is gone, reads the record again. */
export const inspectRunner =
  ({ storage: { blobs }, launcher }: ActivityDependencies) =>
  async ({ job }: { job: JobId }): Promise<RunnerInspection> => {
    const exit = await readExitRecord(blobs, job);
    if (exit) return { exit, lost: false };
    const { state } = await launcher.inspect(job);
    if (state === 'pending' || state === 'running') return { exit: null, lost: false };
    const late = await readExitRecord(blobs, job);
    return { exit: late, lost: late === null };
  };

/** Returns a valid exit record; null if it is missing or invalid, because then the script's outcome is unknown. */
const readExitRecord = async (blobs: Blobs, job: JobId): Promise<ExitRecord | null> => {
  const body = await blobs.get(exitPath(job));
  if (!body) return null;
  const read = parseJson(ExitRecord, body.toString());
  return read.ok && read.value.job === job ? read.value : null;
};

/** `files`: missing in the results of older versions. */
export type CollectedRun = { started: boolean; logTail: string | null; files?: StoredFiles | null };

/** The maximum size of the log tail in a job's status, in bytes. */
const maxTailBytes = 8 * 1024;

/**
 * Removes a task's runner, flushes storage, and returns whether the script was started, the end of its log, and the record of the
 * files that it delivered.
 */
export const collectRun =
  ({ storage, launcher, flush }: ActivityDependencies) =>
  async ({ job }: { job: JobId }): Promise<CollectedRun> => {
    const { blobs } = storage;
    await removeRunner({ storage, launcher }, job);
    await flush();
    const [started, log, files] = await Promise.all([
      blobs.exists(startedPath(job)),
      blobs.getTail(logPath(job), maxTailBytes),
      readFilesRecord(blobs, job),
    ]);
    return { started, logTail: log ? decodeLastLines(log.body, log.length > log.body.length) : null, files };
  };

/** Returns the record of the files that a script delivered; null if it is missing or invalid. */
const readFilesRecord = async (blobs: Blobs, job: JobId): Promise<StoredFiles | null> => {
  const record = await blobs.getTail(filesRecordPath(job), maxFilesRecordBytes);
  if (!record || record.length > maxFilesRecordBytes) return null;
  const read = parseJson(FilesRecord, record.body.toString());
  if (!read.ok || read.value.job !== job) return null;
  const { v: _version, job: _job, ...files } = read.value;
  return files;
};

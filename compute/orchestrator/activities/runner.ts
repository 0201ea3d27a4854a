import type { JobId } from '../../../contracts/ids.ts';
import { exitPath, filesRecordPath, logPath, startedPath } from '../../../contracts/blob-paths.ts';
import { parseJson } from '../../../contracts/problem.ts';
import { ExitRecord } from '../../../contracts/exit-record.ts';
import { FilesRecord, maxFilesRecordBytes } from '../../../contracts/task-files.ts';
import { LauncherUnavailableError, type RunnerReport } from '../../launcher/port.ts';
import type { Blobs } from '../../storage/port.ts';
import type { StoredFiles } from '../job/job-state.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { removeRunner } from './remove-runner.ts';
import { decodeLastLines, maxLauncherMessageLength, toShownLine } from '../text.ts';

/**
 * `lost`: the runner is gone, or has ended, without an exit record. `started`: when its script was started, by the clock of the storage
 * account, ISO 8601; null if it was not. `message`: see `RunnerReport`. Both are missing in histories of older versions.
 */
export type RunnerInspection = {
  exit: ExitRecord | null;
  lost: boolean;
  started?: string | null;
  message?: string | null;
};

/** `awaitsStart`: whether the script may not have started yet, as far as the orchestration knows; missing in the requests of older versions. */
type InspectionInput = { job: JobId; awaitsStart?: boolean };

/**
 * Reads a script's exit record, then inspects its runner. If the runner is gone, reads the record again. A runner whose launcher does not
 * answer counts as running.
 */
export const inspectRunner =
  ({ storage: { blobs }, launcher, log }: ActivityDependencies) =>
  async ({ job, awaitsStart = false }: InspectionInput): Promise<RunnerInspection> => {
    const readStart = async (): Promise<Pick<RunnerInspection, 'started'>> =>
      awaitsStart ? { started: await readStartTime(blobs, job) } : {};
    const exit = await readExitRecord(blobs, job);
    if (exit) return { exit, lost: false };
    const start = await readStart();
    if (start.started) return { exit: null, lost: false, ...start };
    const { state, message } = await inspect({ launcher, log }, job);
    if (state === 'pending' || state === 'running') return { exit: null, lost: false, ...start, message };
    // The runner can have started its script, and ended, since the first look.
    const late = await readExitRecord(blobs, job);
    return { exit: late, lost: late === null, ...(await readStart()), message };
  };

const inspect = async (
  { launcher, log }: Pick<ActivityDependencies, 'launcher' | 'log'>,
  job: JobId,
): Promise<RunnerReport> => {
  try {
    const { state, message } = await launcher.inspect(job);
    return { state, message: message === null ? null : toShownLine(message, maxLauncherMessageLength) };
  } catch (error) {
    if (!(error instanceof LauncherUnavailableError)) throw error;
    log.warn({ err: error, job }, 'a runner could not be inspected');
    return { state: 'running', message: null };
  }
};

const readStartTime = async (blobs: Blobs, job: JobId): Promise<string | null> =>
  (await blobs.getModified(startedPath(job)))?.toISOString() ?? null;

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

/** `isRemoved`: whether the runner is removed; missing in the requests of older versions. */
type CollectionInput = { job: JobId; isRemoved?: boolean };

/**
 * Removes a task's runner, flushes storage, and returns whether the script was started, the end of its log, and the record of the
 * files that it delivered.
 */
export const collectRun =
  ({ storage, launcher, flush, log }: ActivityDependencies) =>
  async ({ job, isRemoved = false }: CollectionInput): Promise<CollectedRun> => {
    const { blobs } = storage;
    if (!isRemoved) await removeRunner({ storage, launcher, log }, job);
    await flush();
    const [started, scriptLog, files] = await Promise.all([
      blobs.exists(startedPath(job)),
      blobs.getTail(logPath(job), maxTailBytes),
      readFilesRecord(blobs, job),
    ]);
    const logTail = scriptLog && decodeLastLines(scriptLog.body, scriptLog.length > scriptLog.body.length);
    return { started, logTail: logTail ?? null, files };
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

import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { chmod, open, mkdir, mkdtemp, readdir, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { removeProgramFolder } from '../../../runtime/program-user.ts';
import { JobId } from '../../../contracts/ids.ts';
import { parseJson } from '../../../contracts/problem.ts';
import type { ProcessIdentity } from './process-table.ts';

/**
 * The launch records of jobs, with one folder per job:
 * - `launched`: the claim. It is written to disk before a runner starts, and kept as long as the job can be requested again;
 * - `processes`: the runner and its script, one line of JSON each, while they can run;
 * - `work/`: the runner's files. For root, it is a link to a folder elsewhere, because a script can run as another user, which cannot
 *   enter the data folder but must reach its own files.
 */
export type LaunchRecords = {
  /** Claims a job permanently. Returns false if it was claimed before. */
  claim(job: JobId): Promise<boolean>;
  /** Records a process of the job. */
  addProcess(job: JobId, process: ProcessIdentity): void;
  /** Returns the recorded processes. */
  listProcesses(job: JobId): ProcessIdentity[];
  /** Returns the folder of the runner's files; absolute, without symbolic links. */
  getWorkFolder(job: JobId): string;
  /** Removes everything except the claim, after all processes of the job have ended. */
  clear(job: JobId): Promise<void>;
  /** Returns the jobs that were not cleared because their launcher was killed. */
  listUncleared(): JobId[];
  /** Removes the records of jobs that were cleared longer ago than this. */
  removeOlderThan(olderThanMilliseconds: number): void;
};

const Line = v.object({ pid: v.number(), birth: v.string() });

export const openLaunchRecords = (path: string): LaunchRecords => {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const folder = realpathSync(path);
  const toClaimFile = (job: JobId) => join(folder, job, 'launched');
  const toProcessFile = (job: JobId) => join(folder, job, 'processes');
  const toWorkEntry = (job: JobId) => join(folder, job, 'work');
  const getWorkFolder = (job: JobId) => {
    const isThere = statSync(toWorkEntry(job), { throwIfNoEntry: false }) !== undefined;
    return isThere ? realpathSync(toWorkEntry(job)) : toWorkEntry(job);
  };
  const listJobs = () => readdirSync(folder).filter((name): name is JobId => v.is(JobId, name));

  return {
    claim: async (job) => {
      await mkdir(join(folder, job), { recursive: true, mode: 0o700 });
      if (!(await createDurably(toClaimFile(job)))) return false;
      // After a power failure, a file exists only if the entries of its folders were written, too.
      await Promise.all([folder, join(folder, job)].map(syncFolder));
      await makeWorkFolder(toWorkEntry(job));
      return true;
    },
    addProcess: (job, { pid, birth }) =>
      appendFileSync(toProcessFile(job), `${JSON.stringify({ pid, birth })}\n`),
    listProcesses: (job) => readLines(toProcessFile(job)).flatMap(parseLine),
    getWorkFolder,
    clear: async (job) => {
      await removeWorkFolder(getWorkFolder(job));
      [toWorkEntry(job), toProcessFile(job)].forEach(remove);
    },
    listUncleared: () =>
      listJobs().filter((job) => lstatSync(toWorkEntry(job), { throwIfNoEntry: false }) !== undefined),
    removeOlderThan: (olderThanMilliseconds) => {
      const before = Date.now() - olderThanMilliseconds;
      // The modification time of a folder is that of the last change in it, when the job was cleared.
      listJobs()
        .map((job) => join(folder, job))
        .filter((path) => statSync(path).mtimeMs < before)
        .forEach(remove);
    },
  };
};

const makeWorkFolder = async (path: string): Promise<void> => {
  if (process.getuid?.() !== 0) return mkdir(path, { mode: 0o700 });
  const elsewhere = await mkdtemp(join(tmpdir(), 'coxswain-run-'));
  await chmod(elsewhere, 0o711);
  await symlink(elsewhere, path);
};

const removeWorkFolder = async (path: string): Promise<void> => {
  const folders = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  await Promise.all(folders.map((name) => removeProgramFolder(join(path, name))));
  remove(path);
};

const createDurably = async (path: string): Promise<boolean> => {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.sync();
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
};

const readLines = (path: string): string[] => {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
};

/** Parses a line. The last one can be incomplete. */
const parseLine = (line: string): ProcessIdentity[] => {
  const read = parseJson(Line, line);
  return read.ok ? [read.value] : [];
};

const remove = (path: string): void => rmSync(path, { recursive: true, force: true, maxRetries: 3 });

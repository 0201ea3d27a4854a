import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { startChild } from '../../../runtime/child-process.ts';
import type { Logger } from '../../../runtime/log.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { RunSpec } from '../port.ts';
import { killOrphans } from './orphan-processes.ts';
import { readProcess } from './process-table.ts';
import type { LaunchRecords } from './launch-records.ts';

const entry = fileURLToPath(new URL('../../runner/main.ts', import.meta.url));
/** The time for a runner to stop: the grace of its script, and the time to write log and exit record. */
const graceMilliseconds = 12_000;

/** A runner's message over the IPC channel: its script runs with this pid, in the process group with the same number. */
const Message = v.object({ script: v.number() });

export type RunnerOptions = {
  /** The shared lock of the data folder, see `runtime/data-dir-lock.ts`. */
  dataDirLock?: string;
  /** Additional environment variables of runners. Scripts do not get them. */
  environment?: Readonly<Record<string, string>>;
  log: Logger;
};

/** The process of a runner. */
export type RunnerProcess = {
  readonly pid: number;
  /** Resolves when the runner has ended, and the processes and files of its script are removed. */
  readonly ended: Promise<void>;
  /** Asks the runner to stop its script, and kills it after its grace. Resolves when it has ended. */
  stop(): Promise<void>;
};

/** Starts the runner of a claimed job. It does nothing before its run spec arrives, and is recorded before that. */
export const startRunner = (
  spec: RunSpec,
  records: LaunchRecords,
  { dataDirLock, environment, log }: RunnerOptions,
): RunnerProcess => {
  const { job } = spec;
  const record = (pid: number): void => {
    const process = readProcess(pid);
    if (process) records.addProcess(job, process);
  };
  const child = startChild({
    name: 'runner',
    entry,
    environment: {
      ...environment,
      TMPDIR: records.getWorkFolder(job),
      ...(dataDirLock === undefined ? {} : { COXSWAIN_CREW_LOCK: dataDirLock }),
    },
    startsPrograms: true,
    onMessage: (message) => {
      if (!v.is(Message, message)) return;
      record(message.script);
      // The last message of a killed runner can arrive after its exit.
      if (child.hasEnded()) void cleanUp(job, records, log);
    },
  });
  record(child.pid);
  child.send({ order: spec });

  const waitForEnd = async (): Promise<void> => {
    const { code, signal } = await child.ended;
    if (code !== 0) log.warn({ job, code, signal }, 'runner failed');
    await cleanUp(job, records, log);
  };
  const ended = waitForEnd();
  return {
    pid: child.pid,
    ended,
    stop: async () => void (await Promise.all([child.stop(graceMilliseconds), ended])),
  };
};

/** Kills the processes that a job's runner and script left, and removes their files. */
export const cleanUp = async (job: JobId, records: LaunchRecords, log: Logger): Promise<void> => {
  const killed = killOrphans(records.listProcesses(job), records.getWorkFolder(job));
  if (killed > 0) log.warn({ job, killed }, 'killed processes that a runner left');
  try {
    await records.clear(job);
  } catch (error) {
    log.warn({ err: error, job }, 'could not remove the files of a runner; the next start tries again');
  }
};

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
/** A runner that is asked to stop needs its script's grace, and a moment to write what it knows. */
const graceMilliseconds = 12_000;

/** What a runner tells over its channel: its script runs, under this pid and in the process group of the same number. */
const Message = v.object({ script: v.number() });

export type RunnerOptions = {
  /** The crew lock that runners join, see `runtime/data-dir-lock.ts`. */
  dataDirLock?: string;
  /** More environment for runners; scripts do not get it. */
  environment?: Readonly<Record<string, string>>;
  log: Logger;
};

/** A runner that was started for a job. */
export type RunnerProcess = {
  readonly pid: number;
  /** Resolves when it has ended and nothing is left of it or its script. */
  readonly ended: Promise<void>;
  /** Asks it to stop its script and end; resolves when it has ended, if need be by force. */
  stop(): Promise<void>;
};

/** Starts the runner of a claimed job. It does nothing before its order comes, and by then it is noted. */
export const startRunner = (
  spec: RunSpec,
  records: LaunchRecords,
  { dataDirLock: crewLock, environment, log }: RunnerOptions,
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
      ...(crewLock === undefined ? {} : { COXSWAIN_CREW_LOCK: crewLock }),
    },
    startsPrograms: true,
    onMessage: (message) => {
      if (!v.is(Message, message)) return;
      record(message.script);
      // The last words of a runner that was killed can come after its end.
      if (child.hasEnded()) void cleanUp(job, records, log);
    },
  });
  record(child.pid);
  child.send({ order: spec });

  const waitForEnd = async (): Promise<void> => {
    const { code, signal } = await child.ended;
    if (code !== 0) log.warn({ job, code, signal }, 'a runner did not end as it should');
    await cleanUp(job, records, log);
  };
  const ended = waitForEnd();
  return {
    pid: child.pid,
    ended,
    stop: async () => void (await Promise.all([child.stop(graceMilliseconds), ended])),
  };
};

/** Kills what is left of a job's runner and script, and removes their files. */
export const cleanUp = async (job: JobId, records: LaunchRecords, log: Logger): Promise<void> => {
  const killed = killOrphans(records.listProcesses(job), records.getWorkFolder(job));
  if (killed > 0) log.warn({ job, killed }, 'killed what a runner had left');
  try {
    await records.clear(job);
  } catch (error) {
    log.warn({ err: error, job }, "a runner's files could not be removed; the next start tries again");
  }
};

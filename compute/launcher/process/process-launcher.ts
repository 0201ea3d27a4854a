import type { JobId } from '../../../contracts/ids.ts';
import { LauncherUnavailableError, type Launcher, type RunnerState, type RunSpec } from '../port.ts';
import { openLaunchRecords } from './launch-records.ts';
import { startRunner, cleanUp, type RunnerProcess, type RunnerOptions } from './runner-process.ts';

export type ProcessLauncherOptions = RunnerOptions & {
  /** The folder of the launch records, which is created if it does not exist. Only one launcher can use it. */
  folder: string;
  /** How long a job's record is kept: as long as the same job can be requested again. */
  retentionDays?: number;
};

export type ProcessLauncher = Launcher & {
  /** Returns the current runners. */
  children(): { name: string; pid: number }[];
  /** Stops all runners with their scripts, and prevents further launches. */
  close(): Promise<void>;
};

const dayMilliseconds = 86_400_000;

/**
 * Starts runners as processes of this machine. A job is launched at most once: it is recorded on disk before its runner starts, so
 * that a launcher that was killed at any moment does not start a script twice. Processes that a killed launcher left are killed when
 * the next one opens its folder.
 */
export const createProcessLauncher = (options: ProcessLauncherOptions): ProcessLauncher => {
  const { folder, log, retentionDays = 40 } = options;
  const records = openLaunchRecords(folder);
  const launching = new Map<JobId, Promise<void>>();
  const running = new Map<JobId, RunnerProcess>();
  const ended = new Set<JobId>();
  let isClosed = false;
  const cleanedUp = Promise.all(records.listUncleared().map((job) => cleanUp(job, records, log)));
  records.removeOlderThan(retentionDays * dayMilliseconds);

  const start = async (spec: RunSpec): Promise<void> => {
    try {
      if (!(await records.claim(spec.job))) return;
      const runner = startRunner(spec, records, options);
      running.set(spec.job, runner);
      void trackRunner(spec.job, runner);
    } finally {
      launching.delete(spec.job);
    }
  };
  const trackRunner = async (job: JobId, runner: RunnerProcess): Promise<void> => {
    await runner.ended;
    running.delete(job);
    ended.add(job);
  };
  const stop = async (job: JobId): Promise<void> => {
    await launching.get(job)?.catch(() => {});
    await running.get(job)?.stop();
  };
  const getState = (job: JobId): RunnerState => {
    if (running.has(job)) return 'running';
    if (launching.has(job)) return 'pending';
    return ended.has(job) ? 'ended' : 'gone';
  };
  return {
    launch: async (spec) => {
      // The job is launched after the next start.
      if (isClosed) throw new LauncherUnavailableError('The launcher is closed');
      const { job } = spec;
      if (!launching.has(job)) launching.set(job, start(spec));
      await launching.get(job);
      return { kind: 'launched' };
    },
    inspect: async (job) => {
      return { state: getState(job), message: null };
    },
    remove: async (job) => {
      await stop(job);
      ended.delete(job);
      return 'gone';
    },
    children: () => [...running.values()].map(({ pid }) => ({ name: 'runner', pid })),
    close: async () => {
      isClosed = true;
      await Promise.all([cleanedUp, ...[...launching.keys(), ...running.keys()].map(stop)]);
    },
  };
};

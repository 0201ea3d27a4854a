import type { JobId } from '../../../contracts/ids.ts';
import type { Launcher, RunnerOrder } from '../port.ts';
import { openRecords } from './launch-records.ts';
import { startRunner, tidy, type Runner, type RunnerOptions } from './runner-process.ts';

export type ProcessLauncherOptions = RunnerOptions & {
  /** Where it keeps its records; created if it is not there. One launcher a folder. */
  folder: string;
  /** How long a job's record is kept: as long as anybody may ask for the same job again. */
  retentionDays?: number;
};

export type ProcessLauncher = Launcher & {
  /** The runners of now. */
  children(): { name: string; pid: number }[];
  /** Stops all runners, each with its script; nothing is launched any more. */
  close(): Promise<void>;
};

const dayMilliseconds = 86_400_000;

/**
 * Runs runners as processes of this machine. A job is launched at most once, ever: it is recorded on disk before its
 * runner starts, so that not even a launcher that was killed at the worst moment starts a script twice. What a killed
 * launcher has left is killed when the next one opens its folder.
 */
export const processLauncher = (options: ProcessLauncherOptions): ProcessLauncher => {
  const { folder, log, retentionDays = 40 } = options;
  const records = openRecords(folder);
  const launching = new Map<JobId, Promise<void>>();
  const running = new Map<JobId, Runner>();
  const ended = new Set<JobId>();
  let closed = false;
  const tidied = Promise.all(records.uncleared().map((job) => tidy(job, records, log)));
  records.sweep(retentionDays * dayMilliseconds);

  const start = async (order: RunnerOrder): Promise<void> => {
    try {
      if (!(await records.claim(order.job))) return;
      const runner = startRunner(order, records, options);
      running.set(order.job, runner);
      void follow(order.job, runner);
    } finally {
      launching.delete(order.job);
    }
  };
  const follow = async (job: JobId, runner: Runner): Promise<void> => {
    await runner.ended;
    running.delete(job);
    ended.add(job);
  };
  const stop = async (job: JobId): Promise<void> => {
    await launching.get(job)?.catch(() => {});
    await running.get(job)?.stop();
  };
  return {
    launch: async (order) => {
      if (closed) throw new Error('The launcher is closed');
      const { job } = order;
      if (!launching.has(job)) launching.set(job, start(order));
      await launching.get(job);
    },
    inspect: async (job) => {
      if (running.has(job)) return 'running';
      if (launching.has(job)) return 'pending';
      return ended.has(job) ? 'ended' : 'gone';
    },
    remove: async (job) => {
      await stop(job);
      ended.delete(job);
    },
    children: () => [...running.values()].map(({ pid }) => ({ name: 'runner', pid })),
    close: async () => {
      closed = true;
      await Promise.all([tidied, ...[...launching.keys(), ...running.keys()].map(stop)]);
    },
  };
};

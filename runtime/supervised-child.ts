import { exponentialDelay } from './async/backoff.ts';
import { sleep } from './async/clock.ts';
import type { Child, ChildExit } from './child-process.ts';
import type { Logger } from './log.ts';

/** A child that is restarted whenever it exits by itself. */
export type SupervisedChild = {
  readonly name: string;
  /** Returns the current child, which may have just ended. */
  current(): Child;
  /** Stops the child for good: SIGTERM, then SIGKILL after the grace. */
  stop(graceMilliseconds: number): Promise<void>;
};

type SuperviseOptions = {
  name: string;
  /** Starts a child; called again after each exit that `stop` did not cause. */
  start: () => Child;
  log: Logger;
  onRestart?: (child: Child) => void;
};

/** Returns the delay before a restart, in milliseconds, by the number of quick exits before it: none at first, then doubling to 5 s. */
export const getRestartDelay = (quickExits: number): number =>
  quickExits === 0 ? 0 : exponentialDelay(quickExits, { minMilliseconds: 100, maxMilliseconds: 5_000 });

/** A child that exits after this time does not count as a quick exit. */
const minUptimeMilliseconds = 10_000;

/** Starts a child and restarts it until it is stopped. */
export const supervise = ({ name, start, log, onRestart }: SuperviseOptions): SupervisedChild => {
  const stopping = new AbortController();
  const { signal } = stopping;
  let child = start();
  let quickExits = 0;

  const waitForRestart = async (exit: ChildExit, uptimeMilliseconds: number): Promise<void> => {
    if (uptimeMilliseconds > minUptimeMilliseconds) quickExits = 0;
    log.warn({ child: name, ...exit }, 'restarting a child that exited');
    await sleep(getRestartDelay(quickExits), { signal });
    quickExits += 1;
  };

  const watch = async (): Promise<void> => {
    for (;;) {
      const startedAt = Date.now();
      const exit = await child.ended;
      if (!signal.aborted) await waitForRestart(exit, Date.now() - startedAt);
      if (signal.aborted) return;
      if (tryStart()) onRestart?.(child);
    }
  };
  /** Returns false if the system cannot start a process now. The exit of the previous child then leads to the next attempt. */
  const tryStart = (): boolean => {
    try {
      child = start();
      return true;
    } catch (error) {
      log.error({ err: error, child: name }, 'could not start a child');
      return false;
    }
  };
  const watching = watch();

  return {
    name,
    current: () => child,
    stop: async (graceMilliseconds) => {
      stopping.abort();
      await child.stop(graceMilliseconds);
      await watching;
    },
  };
};

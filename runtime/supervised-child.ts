import type { Child, ChildExit } from './child-process.ts';
import type { Logger } from './log.ts';

/** A child that is started again whenever it ends by itself. */
export type SupervisedChild = {
  readonly name: string;
  /** The child of now; it may have just ended. */
  current(): Child;
  /** Ends it for good: SIGTERM, then SIGKILL after the grace. */
  stop(graceMilliseconds: number): Promise<void>;
};

export type SuperviseOptions = {
  name: string;
  /** Starts one child; called again after each end that was not asked for. */
  start: () => Child;
  log: Logger;
  onRestart?: (child: Child) => void;
};

/** Returns the backoff before a restart, in milliseconds, by the number of quick exits before it: none at first, then doubling to 5 s. */
export const getRestartDelay = (quickExits: number): number =>
  quickExits === 0 ? 0 : Math.min(5_000, 100 * 2 ** quickExits);

/** A child that lived this long has worked: its end counts as a first one. */
const minUptimeMilliseconds = 10_000;

/** Starts a child and keeps it running. */
export const supervise = ({ name, start, log, onRestart }: SuperviseOptions): SupervisedChild => {
  let child = start();
  let quickExits = 0;
  let stopping = false;
  let wait: { timer: NodeJS.Timeout; wake: () => void } | undefined;

  const sleep = (milliseconds: number): Promise<void> =>
    new Promise((wake) => {
      wait = { wake, timer: setTimeout(wake, milliseconds) };
    });

  const restart = async (exit: ChildExit, livedMilliseconds: number): Promise<void> => {
    if (livedMilliseconds > minUptimeMilliseconds) quickExits = 0;
    log.warn({ child: name, ...exit }, 'a child ended by itself and is started again');
    await sleep(getRestartDelay(quickExits));
    quickExits += 1;
  };

  const watch = async (): Promise<void> => {
    for (;;) {
      const startedAt = Date.now();
      const exit = await child.ended;
      if (!stopping) await restart(exit, Date.now() - startedAt);
      if (stopping) return;
      if (tryStart()) onRestart?.(child);
    }
  };
  /** False: the system has no room for a process now. Then the ended child's end leads to the next try. */
  const tryStart = (): boolean => {
    try {
      child = start();
      return true;
    } catch (error) {
      log.error({ err: error, child: name }, 'a child could not be started');
      return false;
    }
  };
  const watching = watch();

  return {
    name,
    current: () => child,
    stop: async (graceMilliseconds) => {
      stopping = true;
      clearTimeout(wait?.timer);
      wait?.wake();
      await child.stop(graceMilliseconds);
      await watching;
    },
  };
};

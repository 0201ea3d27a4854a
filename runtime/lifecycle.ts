import { SettingsError } from './settings.ts';
import { maskSecrets, type Logger } from './log.ts';
import { bypassProxyForLoopback } from './loopback.ts';

type Release = { name: string; release: () => Promise<void> | void };

/** Acquired things and how each is released: in reverse order, each once, whatever another one throws. */
export class Releases {
  readonly #stack: Release[] = [];
  #ended: Promise<void> | undefined;

  /** Something acquired while or after all is released is released at once. */
  add(name: string, release: () => Promise<void> | void): void {
    this.#stack.push({ name, release });
    if (this.#ended) void this.#releaseAll().catch(() => {});
  }

  /** Releases all; a second call waits for the first. Failures are thrown together at the end. */
  end(): Promise<void> {
    this.#ended ??= this.#releaseAll();
    return this.#ended;
  }

  async #releaseAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let next = this.#stack.pop(); next; next = this.#stack.pop()) {
      try {
        await next.release();
      } catch (cause) {
        failures.push(new Error(`Could not release ${next.name}`, { cause }));
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be released');
  }
}

/** Why a program is asked to stop. `parent`: the pipe to the process that started it has closed. */
export type StopCause = 'SIGINT' | 'SIGTERM' | 'parent';

/**
 * Resolves when the program is asked to stop: by a signal, or because its parent is gone (when it was started with an IPC
 * channel, see `child.ts`). A second signal ends the process at once with code 130.
 */
export const waitForStopRequest = (): Promise<StopCause> =>
  new Promise((resolve) => {
    let isRequested = false;
    const toHandler = (cause: StopCause) => () => {
      if (isRequested && cause !== 'parent') process.exit(130);
      isRequested = true;
      resolve(cause);
    };
    process.on('SIGINT', toHandler('SIGINT'));
    process.on('SIGTERM', toHandler('SIGTERM'));
    if (process.channel) {
      process.once('disconnect', toHandler('parent'));
      // The channel itself must not keep a program alive that has nothing left to do.
      process.channel.unref();
    }
  });

/**
 * Tells the process that started us something, over the IPC channel if there is one. A parent that has just gone hears nothing,
 * and that is no fault here: without a callback the failed write would end this process before it could end its own children.
 */
export const sendToParent = (message: object): void => void process.send?.(message, () => {});

/**
 * Logs uncaught exceptions and exits with 1. Node itself would print them without masking secrets.
 */
const logUncaught = (log: Logger): void => {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'ended by an uncaught exception');
    process.exit(1);
  });
};

/**
 * Runs a program's main function and ends the process: code 0 when it returns (or the code it returns), 1 when it throws;
 * the error is logged once, here.
 */
export const runProgram = async (log: Logger, main: () => Promise<number | void>): Promise<never> => {
  logUncaught(log);
  bypassProxyForLoopback();
  try {
    process.exit((await main()) ?? 0);
  } catch (error) {
    if (error instanceof SettingsError) console.error(maskSecrets(error.message));
    else log.fatal({ err: error }, 'ended by a fault');
    process.exit(1);
  }
};

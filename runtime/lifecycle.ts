import { SettingsError } from './settings.ts';
import { maskSecrets, type Logger } from './log.ts';
import { bypassProxyForLoopback } from './loopback.ts';

type Release = { name: string; release: () => Promise<void> | void };

/** A stack of acquired resources. Each is released once, in reverse order, even if another release throws. */
export class Releases {
  readonly #stack: Release[] = [];
  #ended: Promise<void> | undefined;

  /** Adds a resource. If the others are being released, or were, it is released at once. */
  add(name: string, release: () => Promise<void> | void): void {
    this.#stack.push({ name, release });
    if (this.#ended) void this.#releaseAll().catch(() => {});
  }

  /** Releases all resources. A second call waits for the first. @throws AggregateError with all errors, at the end */
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
    if (failures.length > 0) throw new AggregateError(failures, 'Could not release everything');
  }
}

/** Why a program is asked to stop. `parent`: the process that started it has ended. */
export type StopCause = 'SIGINT' | 'SIGTERM' | 'parent';

/**
 * Resolves when the program is asked to stop: by a signal, or because its parent has ended (if it was started with an IPC
 * channel, see `child-process.ts`). A second signal ends the process at once with code 130.
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
      // The channel alone must not keep the process alive.
      process.channel.unref();
    }
  });

/**
 * Sends a message to the parent over the IPC channel, if there is one. It is not an error if the parent has just ended: without a
 * callback, the failed write would end this process before it could end its own children.
 */
export const sendToParent = (message: object): void => void process.send?.(message, () => {});

/**
 * Logs uncaught exceptions and exits with 1. Node itself would print them without masking secrets.
 */
const logUncaught = (log: Logger): void => {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'exiting after an uncaught exception');
    process.exit(1);
  });
};

/**
 * Runs a program's main function and exits: with 0 or the code that it returns, or with 1 if it throws. The error is logged once,
 * here.
 */
export const runProgram = async (log: Logger, main: () => Promise<number | void>): Promise<never> => {
  logUncaught(log);
  bypassProxyForLoopback();
  try {
    process.exit((await main()) ?? 0);
  } catch (error) {
    if (error instanceof SettingsError) console.error(maskSecrets(error.message));
    else log.fatal({ err: error }, 'exiting after an error');
    process.exit(1);
  }
};

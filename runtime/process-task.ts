import { sleep } from './async/clock.ts';
import { getRestartDelay } from './supervised-child.ts';
import { startTaskProcess, type TaskProcess } from './task-process.ts';

/*
 * Work whose cost depends on its input runs in a child process, off the event loop, with a time limit and a memory limit. Not in a
 * thread: one that reaches its memory limit can hang, even in `terminate()`, or abort the whole process.
 *
 * The entry of the process is a file whose name ends in `-process.ts`. It serves one function:
 *
 *     // bot/policy-check/policy-process.ts, runtime/serve-tasks.ts
 *     serveTasks(readPolicy);
 *
 * The owner refers to that file with exactly this expression, runs the function, and closes the task at the end:
 *
 *     const task = new ProcessTask<string, ReadPolicy>({
 *       entry: new URL('./policy-process.ts', import.meta.url),
 *       maxMilliseconds: 5_000,
 *       maxMegabytes: 64,
 *     });
 *     const outcome = await task.run(text);
 *     await task.close();
 *
 * From source, Node runs the file as it is. In a bundle of one file, `processesInlined` (.ci/process-files.ts) puts the bundled
 * entry in the place of the expression, as a data URL. The Action's bundle has a file for it (`sources` in
 * .ci/action-bundle.ts), which is read only once the process starts. Input and value are copied (structured clone).
 */

export type ProcessTaskOptions = {
  /** The file that calls `serveTasks`. */
  entry: URL;
  /** The timeout of a run, without its wait for earlier runs and for the process to start. */
  maxMilliseconds: number;
  /** The maximum size of the process's JavaScript heap. */
  maxMegabytes: number;
  /** The maximum number of runs that wait for earlier ones. */
  maxWaiting?: number;
  /** How long an idle process is kept for the next run. */
  idleMilliseconds?: number;
  /** Waits before a process is started again, or until the signal is aborted. Tests inject their own. */
  pause?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
};

/** The outcome of a run: the function's value, or the limit that ended it. */
type TaskOutcome<Output> =
  | { kind: 'returned'; value: Output }
  | { kind: 'timed-out' }
  | { kind: 'out-of-memory' };

/** Too many runs are waiting. */
export class TaskQueueFullError extends Error {
  override name = 'TaskQueueFullError';
}

/** The timeout for a process to load its entry. No input is involved, so only a broken or overloaded machine takes that long. */
const maxStartMilliseconds = 60_000;

/** Runs a function in a child process, one call after another. A call that exceeds a limit ends the process; the next call starts a new one. */
export class ProcessTask<Input, Output> {
  readonly #options: Required<ProcessTaskOptions>;
  readonly #closing = new AbortController();
  #process: TaskProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #pending = 0;
  /** The number of consecutive processes that failed without an answer. */
  #failures = 0;

  constructor(options: ProcessTaskOptions) {
    const pause = (milliseconds: number, signal: AbortSignal) => sleep(milliseconds, { signal });
    this.#options = { maxWaiting: 100, idleMilliseconds: 60_000, pause, ...options };
  }

  /**
   * Runs the function after all earlier runs.
   * @throws TaskQueueFullError; Error if the function threw (its error is the cause), the process failed, or the task was closed
   */
  run(input: Input): Promise<TaskOutcome<Output>> {
    const { maxWaiting } = this.#options;
    if (this.#pending > maxWaiting)
      return Promise.reject(
        new TaskQueueFullError(
          `The queue of the child process is full: at most ${maxWaiting} tasks can wait`,
        ),
      );
    this.#pending += 1;
    const turn = this.#last.then(() => this.#runNow(input));
    this.#last = turn.catch(() => {}).then(() => void (this.#pending -= 1));
    return turn;
  }

  /** Ends the process and every run. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#endProcess();
    await this.#last;
    clearTimeout(this.#idle);
  }

  async #runNow(input: Input): Promise<TaskOutcome<Output>> {
    const { maxMilliseconds } = this.#options;
    const running = await this.#readyProcess();
    const answer = await running.ask({ input, maxMilliseconds }, maxMilliseconds);
    if (answer.kind === 'returned' || answer.kind === 'threw') this.#scheduleIdleEnd(running);
    else await this.#endProcess();
    this.#failures = answer.kind === 'ended' ? this.#failures + 1 : 0;
    if ('cause' in answer) throw new Error('A task failed in the child process', { cause: answer.cause });
    return answer.kind === 'returned' ? { ...answer, value: answer.value as Output } : answer;
  }

  async #readyProcess(): Promise<TaskProcess> {
    this.#assertOpen();
    clearTimeout(this.#idle);
    if (this.#process?.hasEnded() === false) {
      this.#process.ref();
      return this.#process;
    }
    await this.#options
      .pause(getRestartDelay(Math.max(0, this.#failures - 1)), this.#closing.signal)
      .catch(() => {});
    this.#assertOpen();
    const { entry, maxMilliseconds, maxMegabytes } = this.#options;
    const running = startTaskProcess(maxMegabytes);
    this.#process = running;
    const started = await running.ask({ entry: entry.href, maxMilliseconds }, maxStartMilliseconds);
    if (started.kind === 'returned') return running;
    await this.#endProcess();
    this.#failures += 1;
    const cause = 'cause' in started ? started.cause : started.kind;
    throw new Error('Could not start a child process', { cause });
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new Error('The child process is closed');
  }

  /** Unreferences an idle process, so that it does not keep this one alive, and ends it after a while. */
  #scheduleIdleEnd(running: TaskProcess): void {
    running.unref();
    this.#idle = setTimeout(() => void this.#endProcess(), this.#options.idleMilliseconds).unref();
  }

  async #endProcess(): Promise<void> {
    clearTimeout(this.#idle);
    const running = this.#process;
    this.#process = undefined;
    await running?.end();
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { backoff } from './supervise.ts';
import { startTaskProcess, type TaskProcess } from './task-process.ts';

/*
 * Work whose cost its input decides runs in a child process, off the event loop, with a time limit and a memory limit. A thread
 * would not do: one that reaches its memory limit may hang, `terminate()` included, or abort the whole process.
 *
 * The process's entry is a file whose name ends in `-process.ts`. It serves one function:
 *
 *     // bot/policy-check/policy-process.ts, runtime/serve-tasks.ts
 *     serveTasks(readPolicy);
 *
 * Its owner names that file by exactly this expression, runs the function, and closes it at the end:
 *
 *     const task = new WorkerTask<string, ReadPolicy>({
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

export type WorkerTaskOptions = {
  /** The file that calls `serveTasks`. */
  entry: URL;
  /** How long one run may take, without its wait for earlier runs and for the process to start. */
  maxMilliseconds: number;
  /** How much memory the process's JavaScript heap may take. */
  maxMegabytes: number;
  /** Runs that may wait for earlier ones. */
  maxWaiting?: number;
  /** How long the process is kept for a next run. */
  idleMilliseconds?: number;
  /** Waits before a process is started again. Rejects once the signal is aborted. */
  pause?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
};

/** What a run came to: the function's value, or the limit that ended it. */
export type TaskOutcome<Output> =
  | { kind: 'returned'; value: Output }
  | { kind: 'timed-out' }
  | { kind: 'out-of-memory' };

/** So many runs wait already that another one is refused. */
export class TaskQueueFullError extends Error {
  override name = 'TaskQueueFullError';
}

/** How long a process may take to load its entry. No input is involved: only a broken or overloaded machine takes that long. */
const maxStartMilliseconds = 60_000;

/** A function that runs in a child process, one call after another. A call that exceeds a limit ends the process; the next call starts a new one. */
export class WorkerTask<Input, Output> {
  readonly #options: Required<WorkerTaskOptions>;
  readonly #closing = new AbortController();
  #process: TaskProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #pending = 0;
  /** Processes that failed one after another, without an answer. */
  #failures = 0;

  constructor(options: WorkerTaskOptions) {
    const pause = (milliseconds: number, signal: AbortSignal) => delay(milliseconds, undefined, { signal });
    this.#options = { maxWaiting: 100, idleMilliseconds: 60_000, pause, ...options };
  }

  /**
   * Runs the function after all earlier runs.
   * @throws TaskQueueFullError, or Error if the function threw (its error is the cause), the process failed or the task was closed
   */
  run(input: Input): Promise<TaskOutcome<Output>> {
    const { maxWaiting } = this.#options;
    if (this.#pending > maxWaiting)
      return Promise.reject(
<<<<<<< HEAD
        new TaskQueueFullError(
          `The queue of the worker thread is full: at most ${maxWaiting} tasks can wait`,
        ),
=======
        new TaskQueueFullError(`At most ${maxWaiting} runs may wait for a process, and so many do`),
>>>>>>> f4d2720 (Run readers of untrusted input in child processes)
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
<<<<<<< HEAD
    const thread = await this.#readyThread();
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      thread.postMessage(input);
    } catch (cause) {
      this.#keepIdle(thread);
      throw new Error('Could not copy the input to the worker thread', { cause });
    }
    const answer = await nextAnswer(thread, this.#options.maxMilliseconds);
    if (answer.kind === 'returned' || answer.kind === 'threw') this.#keepIdle(thread);
    else await this.#endThread();
    if (answer.kind === 'threw' || answer.kind === 'ended')
      throw new Error('A task failed in the worker thread', { cause: answer.cause });
    return answer.kind === 'returned' ? { kind: 'returned', value: answer.value as Output } : answer;
  }

  async #readyThread(): Promise<Worker> {
    if (this.#closed) throw new Error('The worker thread is closed');
=======
    const { maxMilliseconds } = this.#options;
    const running = await this.#readyProcess();
    const answer = await running.ask({ input, maxMilliseconds }, maxMilliseconds);
    if (answer.kind === 'returned' || answer.kind === 'threw') this.#keepIdle(running);
    else await this.#endProcess();
    this.#failures = answer.kind === 'ended' ? this.#failures + 1 : 0;
    if ('cause' in answer) throw new Error('The work of a process failed', { cause: answer.cause });
    return answer.kind === 'returned' ? { ...answer, value: answer.value as Output } : answer;
  }

  async #readyProcess(): Promise<TaskProcess> {
    this.#assertOpen();
>>>>>>> f4d2720 (Run readers of untrusted input in child processes)
    clearTimeout(this.#idle);
    if (this.#process?.hasEnded() === false) {
      this.#process.ref();
      return this.#process;
    }
    await this.#options.pause(backoff(Math.max(0, this.#failures - 1)), this.#closing.signal).catch(() => {});
    this.#assertOpen();
    const { entry, maxMilliseconds, maxMegabytes } = this.#options;
    const running = startTaskProcess(maxMegabytes);
    this.#process = running;
    const started = await running.ask({ entry: entry.href, maxMilliseconds }, maxStartMilliseconds);
    if (started.kind === 'returned') return running;
    await this.#endProcess();
    this.#failures += 1;
    const cause = 'cause' in started ? started.cause : started.kind;
<<<<<<< HEAD
    throw new Error('Could not start a worker thread', { cause });
=======
    throw new Error('A process could not be started', { cause });
>>>>>>> f4d2720 (Run readers of untrusted input in child processes)
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new Error('The process of this work was closed');
  }

  /** A process without work does not keep this one alive. */
  #keepIdle(running: TaskProcess): void {
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
<<<<<<< HEAD

const startThread = ({ entry, maxMegabytes }: WorkerTaskOptions): Worker => {
  const young = Math.min(16, maxMegabytes / 4);
  const thread = new Worker(entry, {
    // What reads foreign input has no use for this process's environment.
    env: {},
    resourceLimits: {
      maxYoungGenerationSizeMb: young,
      maxOldGenerationSizeMb: maxMegabytes - young,
      stackSizeMb: 4,
    },
  });
  // An error between two runs ends the thread, and without a listener it would end this process.
  thread.on('error', () => {});
  return thread;
};

/** What a thread sends. */
type Message = { kind: 'returned'; value: unknown } | { kind: 'threw'; cause: unknown };
type Answer = Message | { kind: 'ended'; cause: unknown } | { kind: 'timed-out' } | { kind: 'out-of-memory' };

/** The next that a thread sends, or its end, or that the time is over. Never rejects. */
const nextAnswer = async (thread: Worker, milliseconds: number): Promise<Answer> => {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const onError = (cause: NodeJS.ErrnoException) =>
    resolve(cause.code === 'ERR_WORKER_OUT_OF_MEMORY' ? { kind: 'out-of-memory' } : { kind: 'ended', cause });
  const onExit = (code: number) =>
    resolve({ kind: 'ended', cause: new Error(`The worker thread exited with code ${code}`) });
  const timer = setTimeout(() => resolve({ kind: 'timed-out' }), milliseconds);
  thread.once('message', resolve).once('error', onError).once('exit', onExit);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    thread.off('message', resolve).off('error', onError).off('exit', onExit);
  }
};

/** Serves a function to the thread's owner: the one call of a thread's entry. @throws Error outside a thread */
export const serveTasks = (run: (input: never) => unknown): void => {
  if (isMainThread || !parentPort) throw new Error('serveTasks can only be called in a worker thread');
  const port = parentPort;
  const send = (message: Message): void => port.postMessage(message);
  const answer = async (input: unknown): Promise<void> => {
    try {
      send({ kind: 'returned', value: await run(input as never) });
    } catch (error) {
      // An error may hold what cannot be copied.
      const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
      send({ kind: 'threw', cause: Object.assign(new Error(message), { name, stack }) });
    }
  };
  port.on('message', (input: unknown) => void answer(input));
  send({ kind: 'returned', value: undefined });
};
=======
>>>>>>> f4d2720 (Run readers of untrusted input in child processes)

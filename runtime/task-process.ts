import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import * as v from 'valibot';

/** The messages of a process. */
const TaskMessage = v.variant('kind', [
  v.object({ kind: v.literal('returned'), id: v.number(), value: v.optional(v.unknown()) }),
  v.object({
    kind: v.literal('threw'),
    id: v.number(),
    error: v.object({ name: v.string(), message: v.string(), stack: v.optional(v.string()) }),
  }),
]);
export type TaskMessage = v.InferOutput<typeof TaskMessage>;

/** The outcome of a request. */
type TaskAnswer =
  | { kind: 'returned'; value: unknown }
  | { kind: 'threw' | 'ended'; cause: Error }
  | { kind: 'timed-out' }
  | { kind: 'out-of-memory' };

/** A process that serves a function, for its owner. */
export type TaskProcess = {
  /** Sends a request, and returns the answer, the end of the process, or a timeout. Never rejects. */
  ask(question: object, milliseconds: number): Promise<TaskAnswer>;
  hasEnded(): boolean;
  /** Kills it. Resolves when it has ended. */
  end(): Promise<void>;
  /** An unreferenced process does not keep this one alive. */
  ref(): void;
  unref(): void;
};

/** Imports the entry. It is not passed as an argument, because a data URL can be too long for one. */
const bootSource = `
  process.once('disconnect', () => process.exit());
  process.once('message', ({ id, entry }) => {
    globalThis.coxswainStart = id;
    import(entry).catch(({ name, message, stack }) =>
      process.send({ kind: 'threw', id, error: { name, message, stack } }));
  });`;

/** Starts a process that inherits neither the environment nor the descriptors of this one. */
export const startTaskProcess = (maxMegabytes: number): TaskProcess => {
  // V8's young generation has up to three semi-spaces.
  const semiSpace = Math.max(1, Math.min(16, Math.floor(maxMegabytes / 16)));
  const limits = [
    `--max-semi-space-size=${semiSpace}`,
    `--max-old-space-size=${maxMegabytes - 3 * semiSpace}`,
  ];
  const child = spawn(process.execPath, [...limits, '--input-type=commonjs', '--eval', bootSource], {
    env: {},
    cwd: '/',
    // Its own process group, so that Ctrl-C in the terminal reaches only the parent, which stops its children in order.
    detached: true,
    windowsHide: true,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const kill = () => void child.kill('SIGKILL');
  // A busy process would notice only later that this one has exited.
  process.once('exit', kill);
  const ended = waitForEnd(child).finally(() => process.off('exit', kill));
  let hasEnded = false;
  void ended.then(() => (hasEnded = true));
  let lastId = 0;
  return {
    hasEnded: () => hasEnded,
    ask: (question, milliseconds) => ask(child, { ...question, id: (lastId += 1) }, milliseconds, ended),
    end: async () => {
      setReferenced(child, 'ref');
      kill();
      await ended;
    },
    ref: () => setReferenced(child, 'ref'),
    unref: () => setReferenced(child, 'unref'),
  };
};

const setReferenced = (child: ChildProcess, call: 'ref' | 'unref'): void => {
  child[call]();
  child.channel?.[call]();
  (child.stderr as Socket | null)?.[call]();
};

/** Returns how a process ended. If its heap is full, V8 reports that and aborts. */
const waitForEnd = (child: ChildProcess): Promise<TaskAnswer> =>
  new Promise((resolve) => {
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      stderr = (stderr + chunk).slice(-maxStderrCharacters);
    });
    // There can be several, such as when it cannot be killed; one without a listener would end this process.
    child.on('error', (cause) => resolve({ kind: 'ended', cause }));
    child.once('close', (code, signal) => {
      const cause = new Error(`The child process ended with ${signal ?? `code ${code}`}: ${stderr.trim()}`);
      resolve(/\bout of memory\b/.test(stderr) ? { kind: 'out-of-memory' } : { kind: 'ended', cause });
    });
  });
const maxStderrCharacters = 8_000;

const ask = async (
  child: ChildProcess,
  question: { id: number },
  milliseconds: number,
  ended: Promise<TaskAnswer>,
): Promise<TaskAnswer> => {
  const { promise: answered, resolve } = Promise.withResolvers<TaskAnswer>();
  const onMessage = (message: unknown) => resolve(toAnswer(message, question.id));
  const timer = setTimeout(() => resolve({ kind: 'timed-out' }), milliseconds);
  child.on('message', onMessage);
  try {
    // Without a callback, sending to a process that has just ended would emit an unhandled error event.
    if (child.connected) child.send(question, () => {});
    return await Promise.race([answered, ended]);
  } catch (cause) {
    return { kind: 'threw', cause: new Error('Could not copy the input to the child process', { cause }) };
  } finally {
    clearTimeout(timer);
    child.off('message', onMessage);
  }
};

const toAnswer = (sent: unknown, id: number): TaskAnswer => {
  const message = v.safeParse(TaskMessage, sent);
  if (!message.success || message.output.id !== id)
    return {
      kind: 'ended',
      cause: new Error('The child process sent a message that does not answer its question'),
    };
  if (message.output.kind === 'returned') return { kind: 'returned', value: message.output.value };
  const { error } = message.output;
  return { kind: 'threw', cause: Object.assign(new Error(error.message), error) };
};

import { spawn, type ChildProcess } from 'node:child_process';
import { programUidName, toUnprivilegedCommand } from './program-user.ts';
import { secretsFromName, type Secrets } from './secret-settings.ts';

type ChildOptions = {
  /** The name in messages and in `platform.json`. */
  name: string;
  /** The program: a `.ts` or `.js` file of ours that Node runs. */
  entry: string;
  arguments?: readonly string[];
  /** The child's whole environment, besides PATH, HOME and Node's settings. It must not contain secrets, because other programs can read it. */
  environment?: Readonly<Record<string, string>>;
  /** Secret settings for `readEnvironmentWithSecrets`, sent as the first message over the IPC channel. */
  secrets?: Secrets;
  /** Whether the child starts foreign programs. If these run as another user, no process in its tree can gain privileges. */
  startsPrograms?: boolean;
  /** Called with each line of its stdout; without it, stdout goes to our stderr. */
  onLine?: (line: string) => void;
  /** Called with each message over the IPC channel. */
  onMessage?: (message: unknown) => void;
};

export type ChildExit = { code: number | null; signal: NodeJS.Signals | null };

/** A child process. When its IPC channel closes, it knows that this process has ended. */
export type Child = {
  readonly name: string;
  readonly pid: number;
  /** Resolves when it has ended; never rejects. */
  readonly ended: Promise<ChildExit>;
  readonly hasEnded: () => boolean;
  send(message: unknown): void;
  signal(signal: NodeJS.Signals): void;
  /** Sends SIGTERM, then SIGKILL after `graceMilliseconds`. Resolves when it has ended. */
  stop(graceMilliseconds: number): Promise<ChildExit>;
};

const inheritedVariables = [
  'PATH',
  'HOME',
  'TMPDIR',
  'LOG_LEVEL',
  'NODE_OPTIONS',
  'NODE_EXTRA_CA_CERTS',
  'NODE_COMPILE_CACHE',
  programUidName,
];

/** Starts a program of ours. @throws Error if the process cannot be started */
export const startChild = (options: ChildOptions): Child => {
  const { name, entry, arguments: argv = [], environment = {}, secrets } = options;
  const passed = Object.fromEntries(
    inheritedVariables.flatMap((key) => (process.env[key] === undefined ? [] : [[key, process.env[key]]])),
  );
  const command: [string, ...string[]] = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    entry,
    ...argv,
  ];
  const [file, ...rest] = options.startsPrograms ? toUnprivilegedCommand(command) : command;
  const child = spawn(file, rest, {
    env: { ...passed, ...environment, ...(secrets && { [secretsFromName]: 'parent' }) },
    // Its own process group, so that Ctrl-C in the terminal reaches only the parent, which stops its children in order.
    detached: true,
    stdio: ['ignore', options.onLine ? 'pipe' : 2, 2, 'ipc'],
  });
  // Node emits an error event if it could not start the process or send a signal; without a listener, this process would end.
  child.on('error', () => {});
  if (child.pid === undefined) throw new Error(`Could not start ${name} (${entry})`);
  if (secrets) child.send({ secrets }, () => {});
  if (options.onLine) forEachLine(child, options.onLine);
  if (options.onMessage) child.on('message', options.onMessage);
  const ended = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return toChild(name, child, child.pid, ended);
};

const toChild = (name: string, child: ChildProcess, pid: number, ended: Promise<ChildExit>): Child => {
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const signal = (which: NodeJS.Signals) => void (hasEnded() || child.kill(which));
  return {
    name,
    pid,
    ended,
    hasEnded,
    signal,
    send: (message) => void (child.connected && child.send(message as object, () => {})),
    stop: async (graceMilliseconds) => {
      signal('SIGTERM');
      const timer = setTimeout(() => signal('SIGKILL'), graceMilliseconds);
      const exit = await ended;
      clearTimeout(timer);
      return exit;
    },
  };
};

const forEachLine = (child: ChildProcess, onLine: (line: string) => void): void => {
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach((line) => onLine(line));
  });
};

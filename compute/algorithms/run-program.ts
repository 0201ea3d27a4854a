import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { resolve } from 'node:path';
import { parseExactJson } from '../../contracts/exact-json.ts';
import type { Logger } from '../../runtime/log.ts';
import { toFolderVariables, type ProgramUser } from '../../runtime/program-user.ts';
import { openProgramWorkspace, type ProgramUsers } from '../../runtime/program-users.ts';

/** The maximum size of a program's stdout, and of the end of stderr in its error, in bytes. */
const limits = { stdout: 4 * 1024 * 1024, stderr: 2_000 };

export type ProgramOptions = {
  /** The users as which it runs, in a folder of its own; undefined for our own user, in our working folder. */
  users: ProgramUsers | undefined;
  log: Logger | undefined;
  signal: AbortSignal;
};

type Command = readonly [string, ...string[]];

/**
 * Runs a program with JSON on its stdin, and parses JSON from its stdout, whose numbers keep their digits. Its environment is PATH, HOME
 * and LANG. When it has ended, or the signal is aborted, its whole process group is killed. If it runs as another user, HOME and TMPDIR
 * are its working folder, which is removed with its contents.
 * @throws the signal's reason; or Error if the program cannot be started, does not exit with 0, or writes too much or no JSON
 */
export const runExternalProgram = async (
  command: Command,
  input: string,
  { users, log, signal }: ProgramOptions,
): Promise<unknown> => {
  signal.throwIfAborted();
  if (!users) return communicate(startProgram(command, {}, {}), input, { signal });
  const workspace = await openProgramWorkspace(users);
  try {
    const spawnOptions = { ...workspace.user, cwd: workspace.work };
    const child = startProgram(command, toFolderVariables(workspace.user, workspace), spawnOptions);
    // If this fails, closing fails, too, and is logged.
    return await communicate(child, input, { signal, onExit: () => void workspace.clear().catch(() => {}) });
  } finally {
    // The answer is valid even if the cleanup fails.
    await workspace
      .close()
      .catch((error: unknown) =>
        log?.warn({ err: error }, 'could not remove all files and processes of a program'),
      );
  }
};

const startProgram = (
  [file, ...rest]: Command,
  variables: Record<string, string>,
  spawnOptions: Partial<ProgramUser> & { cwd?: string },
): ChildProcessWithoutNullStreams =>
  // A path is relative to the worker's folder. `detached` makes it the leader of its own process group and session.
  spawn(spawnOptions.cwd !== undefined && file.includes('/') ? resolve(file) : file, rest, {
    ...spawnOptions,
    env: { ...getEnvironment(), ...variables },
    stdio: 'pipe',
    detached: true,
  });

const communicate = async (
  child: ChildProcessWithoutNullStreams,
  input: string,
  { signal, onExit = () => {} }: { signal: AbortSignal; onExit?: () => void },
): Promise<unknown> => {
  const kill = (): void => killGroup(child.pid);
  signal.addEventListener('abort', kill);
  try {
    const readOutput = collectOutput(child, kill);
    const exit = waitForExit(child, () => {
      kill();
      onExit();
    });
    // A program that does not read its input closes the pipe, which is not an error.
    child.stdin.on('error', () => {}).end(input);
    const { code, killedBy } = await exit;
    signal.throwIfAborted();
    const { text, stderr, tooLarge } = readOutput();
    if (tooLarge) throw new Error(`The program wrote more than ${limits.stdout} bytes`);
    if (code !== 0)
      throw new Error(
        `The program ended with ${killedBy ?? `exit code ${code}`}: ${stderr}`.replace(/: $/, ''),
      );
    return parseAnswer(text);
  } finally {
    signal.removeEventListener('abort', kill);
  }
};

const getEnvironment = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
  HOME: process.env['HOME'] ?? '/',
  LANG: 'C.UTF-8',
});

const killGroup = (pid: number | undefined): void => {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has ended.
  }
};

type ProgramExit = { code: number | null; killedBy: NodeJS.Signals | null };

/** The maximum time to read the output of processes that have left the program's process group, which hold its pipes open. */
const drainMilliseconds = 3_000;

/** Resolves when the program has ended and its output is read. */
const waitForExit = (child: ChildProcessWithoutNullStreams, onExit: () => void): Promise<ProgramExit> =>
  new Promise((resolve, reject) => {
    let drainTimer: NodeJS.Timeout | undefined;
    child.on('error', (cause) =>
      reject(new Error(`Could not start the program: ${cause.message}`, { cause })),
    );
    child.once('exit', () => {
      onExit();
      drainTimer = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, drainMilliseconds);
    });
    child.once('close', (code, killedBy) => {
      clearTimeout(drainTimer);
      resolve({ code, killedBy });
    });
  });

/** Collects stdout up to its limit, and the end of stderr. */
const collectOutput = (child: ChildProcessWithoutNullStreams, kill: () => void) => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limits.stdout) kill();
    else chunks.push(chunk);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-limits.stderr);
  });
  return () => ({
    text: Buffer.concat(chunks).toString('utf8'),
    stderr: stderr.trim(),
    tooLarge: bytes > limits.stdout,
  });
};

const parseAnswer = (text: string): unknown => {
  try {
    return parseExactJson(text);
  } catch (cause) {
    throw new Error(`The program's answer is not JSON: ${(cause as Error).message}`, { cause });
  }
};

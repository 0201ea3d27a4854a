import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ProgramUser } from '../../../runtime/program-user.ts';
import { openOutputPipe } from './output-pipe.ts';
import { endGroup } from './process-group.ts';

export type ScriptOptions = {
  /** The path of the executable file, relative to its working folder. */
  file: string;
  /** The folder for files of the runner. */
  folder: string;
  workingFolder: string;
  /** The user as which the script runs; undefined for our own user. */
  user: ProgramUser | undefined;
  /** The whole environment of the script. */
  environment: Readonly<Record<string, string>>;
  onOutput: (chunk: Buffer) => void;
  /** Called with the pid of the script, the leader of its own process group, before anything else can happen. */
  onStarted: (pid: number) => void;
  timeoutMilliseconds: number;
  /** Returns the time between SIGTERM and SIGKILL. */
  graceMilliseconds: () => number;
  /** Ends the script early. */
  stop: AbortSignal;
};

/** How a script ended. Without an exit code, it was ended by a signal. */
export type ScriptEnd = { exitCode: number | null; signal: string | null; timedOut: boolean };

/** The system could not start a script; `cause` is its error. */
export class ScriptStartError extends Error {
  override name = 'ScriptStartError';
}

/**
 * Runs a script until it ends or its timeout passes. When this resolves, its whole process group has ended.
 * @throws ScriptStartError
 */
export const runScript = async (options: ScriptOptions): Promise<ScriptEnd> => {
  const pipe = await wrapStartErrors(() => openOutputPipe(options));
  try {
    const script = await wrapStartErrors(() => startScript(options, pipe.writer)).finally(() =>
      pipe.closeWriter(),
    );
    return await waitForEnd(script, options);
  } finally {
    await pipe.waitUntilDrained();
  }
};

const wrapStartErrors = async <T>(step: () => T | Promise<T>): Promise<T> => {
  try {
    return await step();
  } catch (cause) {
    throw new ScriptStartError('The script could not be started', { cause });
  }
};

type StartedScript = { pid: number; exit: Promise<unknown[]> };

const startScript = async (options: ScriptOptions, output: number): Promise<StartedScript> => {
  const child = spawn(options.file, [], {
    ...options.user,
    cwd: options.workingFolder,
    env: options.environment,
    detached: true,
    stdio: ['ignore', output, output],
  });
  const { pid } = child;
  if (pid !== undefined) options.onStarted(pid);
  const exit = once(child, 'exit');
  // Both reject with the system's error if there is no process.
  await Promise.race([once(child, 'spawn'), exit]);
  return { pid: pid!, exit };
};

const waitForEnd = async ({ pid, exit }: StartedScript, options: ScriptOptions): Promise<ScriptEnd> => {
  let timedOut = false;
  const end = () => endGroup(pid, options.graceMilliseconds());
  const onStop = () => void end();
  const timer = setTimeout(() => {
    timedOut = true;
    void end();
  }, options.timeoutMilliseconds);
  options.stop.addEventListener('abort', onStop, { once: true });
  if (options.stop.aborted) onStop();

  const [exitCode, signal] = (await exit) as [number | null, string | null];
  clearTimeout(timer);
  options.stop.removeEventListener('abort', onStop);
  // Also ends processes that the script left in the background.
  await end();
  return { exitCode, signal, timedOut };
};

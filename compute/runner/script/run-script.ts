import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ProgramUser } from '../../../runtime/program-user.ts';
import { openOutputPipe } from './output-pipe.ts';
import { endGroup } from './process-group.ts';

export type ScriptOptions = {
  /** The executable file, seen from its working folder. */
  file: string;
  /** For what the run itself has to put somewhere. */
  folder: string;
  workingFolder: string;
  /** The user as which it runs; undefined for our own user. */
  user: ProgramUser | undefined;
  /** Its whole environment. */
  environment: Readonly<Record<string, string>>;
  onOutput: (chunk: Buffer) => void;
  /** The script runs under this pid, as the leader of its own process group. Called before anything else can happen. */
  onStarted: (pid: number) => void;
  timeoutMilliseconds: number;
  /** Between SIGTERM and SIGKILL, asked for when it is needed. */
  graceMilliseconds: () => number;
  /** Ends the script before its time. */
  stop: AbortSignal;
};

/** How a script ended. Without an exit code, a signal ended it. */
export type ScriptEnd = { exitCode: number | null; signal: string | null; timedOut: boolean };

/** The system did not start a script; `cause` is its error. */
export class ScriptStartError extends Error {
  override name = 'ScriptStartError';
}

/**
 * Runs a script to its end, or to that of its time; when this resolves, all of its process group is gone.
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
  // Both fail with the system's error if there is no process.
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
  // What it has left in the background ends with it.
  await end();
  return { exitCode, signal, timedOut };
};

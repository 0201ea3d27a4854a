import { spawn } from 'node:child_process';

/** The result of a program. `output`: stdout and stderr, in the order of their arrival. */
export type ProgramResult = { code: number; stdout: string; output: string };

type RunOptions = {
  folder?: string | undefined;
  /** Added to our own environment, and overrides it. */
  environment?: Readonly<Record<string, string>> | undefined;
  /** The program is stopped with SIGTERM after this time. */
  limitSeconds?: number;
  /** Stops the program with SIGTERM when it is aborted. */
  signal?: AbortSignal | undefined;
};

/** Runs a program to its end, without a shell. If the program is missing, the code is 127, as in a shell. */
export const run = (
  [program, ...argv]: readonly [string, ...string[]],
  { folder, environment, limitSeconds = 600, signal }: RunOptions = {},
): Promise<ProgramResult> =>
  new Promise((resolve) => {
    const child = spawn(program, argv, {
      cwd: folder,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal && { signal }),
    });
    // Not the option `timeout`, whose timer runs on after a program is missing.
    const timer = setTimeout(() => child.kill(), limitSeconds * 1000);
    let output = '';
    let stdout = '';
    const append = (chunk: string) => (output += chunk);
    child.stdout
      .setEncoding('utf8')
      .on('data', append)
      .on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', append);
    // An aborted program is still ending, and writes files meanwhile.
    child.once('error', (error) => {
      if (child.pid !== undefined) return;
      clearTimeout(timer);
      resolve({ code: 127, stdout, output: error.message });
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 128, stdout, output });
    });
  });

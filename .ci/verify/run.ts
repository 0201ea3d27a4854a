import { spawn } from 'node:child_process';

/** How a program ended. `output`: all that it printed, stdout and stderr in the order in which it came. */
export type ProgramResult = { code: number; output: string };

type RunOptions = {
  folder?: string | undefined;
  /** Besides, or in place of, our own environment. */
  environment?: Readonly<Record<string, string>> | undefined;
  /** Ended with SIGTERM after so many seconds. */
  limitSeconds?: number;
};

/** Runs a program to its end, without a shell. One that is not there ends with 127, as in a shell. */
export const run = (
  [program, ...argv]: readonly [string, ...string[]],
  { folder, environment, limitSeconds = 600 }: RunOptions = {},
): Promise<ProgramResult> =>
  new Promise((resolve) => {
    const child = spawn(program, argv, {
      cwd: folder,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limitSeconds * 1000,
    });
    let output = '';
    const append = (chunk: string) => (output += chunk);
    child.stdout.setEncoding('utf8').on('data', append);
    child.stderr.setEncoding('utf8').on('data', append);
    child.once('error', (error) => resolve({ code: 127, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 128, output }));
  });

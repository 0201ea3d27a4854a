import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Report = {
  numPassedTests: number;
  numFailedTests: number;
  numRuntimeErrorTestSuites: number;
  numPendingTests: number;
};

/** `counts`: such as `3 passed, 0 failed, 1 skipped`; undefined if jest did not report. `code`: the exit code. */
export type JestResult = { code: number; counts: string | undefined };

type JestOptions = {
  /** Added to our own environment, and overrides it. */
  environment?: Readonly<Record<string, string>>;
  /** Returns the command that runs another elsewhere; by default, it runs here. */
  enter?: (command: [string, ...string[]]) => [string, ...string[]];
};

/** Runs jest with native ES modules. */
export const runJest = async (
  argv: readonly string[],
  { environment, enter = (command) => command }: JestOptions = {},
): Promise<JestResult> => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-jest-'));
  try {
    const report = join(folder, 'report.json');
    const script = ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`];
    const [program, ...args] = enter([process.execPath, ...script, ...argv]);
    const jest = spawn(program, args, {
      // An environment variable also applies to jest's worker processes.
      env: {
        ...process.env,
        ...environment,
        NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
      },
      stdio: ['inherit', 'ignore', 'inherit'],
    });
    const code = await new Promise<number>((resolve) => jest.once('exit', (exit) => resolve(exit ?? 1)));
    const counts = await readFile(report, 'utf8').then(formatCounts, () => undefined);
    return { code: counts === undefined ? 1 : code, counts };
  } finally {
    await rm(folder, { recursive: true });
  }
};

const formatCounts = (text: string): string => {
  const report = JSON.parse(text) as Report;
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return `${report.numPassedTests} passed, ${failed} failed, ${report.numPendingTests} skipped`;
};

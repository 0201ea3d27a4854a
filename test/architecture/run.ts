import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/* `npm test [-- jest arguments]` runs jest with native ES modules, and prints `N passed, N failed` at the end. */

const folder = await mkdtemp(join(tmpdir(), 'coxswain-jest-'));
const report = join(folder, 'report.json');
const jest = spawn(
  process.execPath,
  ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`, ...process.argv.slice(2)],
  {
    // An environment variable also applies to jest's worker processes.
    env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' },
    stdio: ['inherit', 'ignore', 'inherit'],
  },
);
const code = await new Promise<number>((resolve) => jest.once('exit', (exit) => resolve(exit ?? 1)));

type Report = {
  numPassedTests: number;
  numFailedTests: number;
  numRuntimeErrorTestSuites: number;
  numPendingTests: number;
};
const counts = await readFile(report, 'utf8').then(
  (text) => JSON.parse(text) as Report,
  () => undefined,
);
await rm(folder, { recursive: true });
if (counts) {
  const failed = counts.numFailedTests + counts.numRuntimeErrorTestSuites;
  console.log(`${counts.numPassedTests} passed, ${failed} failed, ${counts.numPendingTests} skipped`);
}
process.exit(counts ? code : 1);

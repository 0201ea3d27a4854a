import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openInstallation, type Installation } from './fixtures/installation.ts';
import { isPoll, measureStart, type StartSteps } from './fixtures/start-timeline.ts';

let installation: Installation;

beforeAll(async () => {
  installation = await openInstallation();
  await installation.upgrade();
  await installation.waitForBot();
  await waitForZero();
});
afterAll(() => installation?.remove());

const waitForZero = (): Promise<void> => installation.waitForWorkers('no workers', (_, all) => all === 0);

test('a comment at zero workers starts a worker, which computes the block', async () => {
  const comment = await installation.write('/compute 1');
  await installation.waitForWorkers('a worker', (running) => running > 0);
  const { jobs } = await installation.follow(comment);
  expect(jobs.map(({ state }) => state)).toEqual(['completed']);
  await waitForZero();
});

/** By polling interval in seconds. Rounds at 30 s take more than 40 s each; one in the middle of the interval waits as the median does. */
const rounds = { 2: 3, 30: Number(process.env['COXSWAIN_TEST_ROUNDS'] ?? '1') } as const;

test('the time from a comment to its first output is reported, with polls every 2 s and every 30 s', async () => {
  const results = { 2: await measureRounds(2), 30: await measureRounds(30) };
  expect(results[2]).toHaveLength(rounds[2]);
  expect(results[30]).toHaveLength(rounds[30]);
  process.stdout.write(formatReport(results));
  const folder = process.env['COXSWAIN_TEST_RECORDS'];
  if (folder === undefined || folder === '') return;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'from-zero.json'), `${JSON.stringify(results, null, 2)}\n`);
}, 600_000);

/** Measures starts whose comments are spread evenly over the interval. */
const measureRounds = async (seconds: 2 | 30): Promise<StartSteps[]> => {
  const steps: StartSteps[] = [];
  for (let round = 0; round < rounds[seconds]; round += 1) {
    await installation.upgrade({ scaling: { pollingIntervalSeconds: seconds } });
    await waitSincePoll((seconds * 1_000 * (round + 0.5)) / rounds[seconds]);
    steps.push(await measureStart(installation));
    // Otherwise, KEDA would notice only at its next poll that the queue is empty.
    await installation.upgrade();
    await waitForZero();
  }
  return steps;
};

/** Waits until KEDA's last poll is so long ago. Directly after a change of the interval, polls are more frequent. */
const waitSincePoll = (milliseconds: number): Promise<unknown> =>
  installation.api.waitUntil('a pause between polls', async () => {
    const last = installation.azurite.requests.findLast(isPoll);
    return last !== undefined && Date.now() - last.at >= milliseconds;
  });

const formatReport = (results: Record<2 | 30, readonly StartSteps[]>): string => {
  const names = Object.keys(results[2][0] ?? {}) as (keyof StartSteps)[];
  const cell = (seconds: 2 | 30, name: keyof StartSteps): string =>
    `${(findMedian(results[seconds].map((steps) => steps[name])) / 1_000).toFixed(2)} s`.padStart(16);
  const lines = names.map((name) => `  ${name.padEnd(20)}${cell(2, name)}${cell(30, name)}`);
  return [
    'From a comment to its first output, with no workers at first; medians',
    `  ${''.padEnd(20)}${'polls every 2 s'.padStart(16)}${'30 s'.padStart(16)}`,
    ...lines,
    '',
  ].join('\n');
};

const findMedian = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestPlatform, type LocalPlatform } from '../fixtures/local-platform.ts';

let one: LocalPlatform;
let other: LocalPlatform;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coxswain-e2e-'));
  [one, other] = await Promise.all([startTestPlatform(), startTestPlatform()]);
});
afterAll(async () => {
  await Promise.all([one.remove(), other.remove()]);
  await rm(folder, { recursive: true });
});

/** Runs `npm start` with arguments that it must refuse. */
const refused = async (...given: string[]): Promise<{ code: number | null; said: string }> => {
  const child = spawn(process.execPath, ['cli/guard.cjs', 'cli/coxswain.ts', 'start', ...given], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
};

test('two platforms side by side, each with its own jobs', async () => {
  const [mine, theirs] = await Promise.all([one.say('/compute 20'), other.say('/compute 30')]);
  expect(mine.jobs).toMatchObject([{ state: 'completed', progress: { done: 20 } }]);
  expect(theirs.jobs).toMatchObject([{ state: 'completed', progress: { done: 30 } }]);
  expect((await (await one.jobs()).page({})).jobs.map(({ id }) => id)).toEqual([mine.jobs[0]?.id]);
}, 300_000);

test.each([
  [
    'a data folder in use',
    async () => ['--data', one.folder, '--port', '0'],
    /data folder .* Stop it|in use/i,
    1,
  ],
  [
    'a busy port',
    async () => ['--data', folder, '--port', new URL((await one.file()).github.url).port],
    /port \d+/i,
    1,
  ],
  ['an unknown option', async () => ['--dat', folder], /--dat.*--help/s, 2],
  [
    'a wrong port',
    async () => ['--data', folder, '--port', '70000'],
    /'70000' is invalid. Expected a whole number from 0 to 65530/,
    2,
  ],
])(
  'npm start refuses %s in a sentence',
  async (_what, given, sentence, expected) => {
    const { code, said } = await refused(...(await given()));
    expect(code).toBe(expected);
    expect(said).toMatch(sentence);
    expect(said.trim().split('\n').length).toBeLessThan(4);
  },
  30_000,
);

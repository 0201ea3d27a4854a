import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../action/dist/', import.meta.url));

export type BundleCost = {
  /** Of all files that are checked in. */
  bytes: number;
  /** Time to start and to exit, in milliseconds, the median of all rounds: of Node with nothing to do, */
  empty: number;
  /** of a step for a comment without a command, */
  silent: number;
  /** and of one that loads everything and ends with a mistake in its inputs. */
  loaded: number;
};

const rounds = 15;

/** What the Action's bundle weighs, and what it costs to start it as a runner does. */
export const bundleCost = async (): Promise<BundleCost> => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-bench-'));
  try {
    const event = join(folder, 'event.json');
    await writeFile(event, JSON.stringify({ action: 'created', comment: { body: 'Thank you.' } }));
    const main = join(dist, 'main.mjs');
    const runner = environment(folder, event);
    const times = { empty: [] as number[], silent: [] as number[], loaded: [] as number[] };
    // In turns, so that a machine that slows down slows all of them.
    for (let round = 0; round < rounds; round += 1) {
      times.empty.push(await timed(['-e', '0'], {}));
      times.silent.push(await timed([main], { ...runner, GITHUB_EVENT_NAME: 'issue_comment' }));
      times.loaded.push(await timed([main], { ...runner, GITHUB_EVENT_NAME: 'workflow_dispatch' }));
    }
    const files = await readdir(dist);
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(dist, file))).size));
    return {
      bytes: sizes.reduce((sum, size) => sum + size, 0),
      empty: median(times.empty),
      silent: median(times.silent),
      loaded: median(times.loaded),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const environment = (folder: string, event: string): Record<string, string> => ({
  GITHUB_REPOSITORY: 'acme/ops',
  GITHUB_REPOSITORY_ID: '1',
  GITHUB_RUN_ID: '1',
  GITHUB_JOB: 'bench',
  GITHUB_ACTION: 'bench',
  GITHUB_ACTOR: 'mona',
  GITHUB_ACTOR_ID: '1',
  GITHUB_EVENT_PATH: event,
  GITHUB_OUTPUT: join(folder, 'output'),
  GITHUB_STATE: join(folder, 'state'),
  GITHUB_STEP_SUMMARY: join(folder, 'summary'),
  'INPUT_TIMEOUT-MINUTES': 'soon',
});

const timed = async (args: readonly string[], env: Record<string, string>): Promise<number> => {
  const start = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: 'ignore' });
  await once(child, 'exit');
  return performance.now() - start;
};

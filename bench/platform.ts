import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { retryTransient } from '../cli/orchestrator/retry-transient.ts';
import { createHttpJobs } from '../compute/client/index.ts';
import { readPlatformFile, type PlatformFile } from '../local/platform/platform-file.ts';

/** A platform as `npm start` starts it, with its own folder. */
export type BenchPlatform = {
  readySeconds: number;
  file: () => Promise<PlatformFile>;
  /** Runs a compute job to its end, and calls `watch` ten times a second. @returns seconds */
  compute: (inputCount: number, blockSize: number, watch?: () => Promise<void>) => Promise<number>;
  stop: () => Promise<void>;
};

export const startBenchPlatform = async (): Promise<BenchPlatform> => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-bench-'));
  const began = performance.now();
  // As the script "start" of package.json does.
  const start = ['--max-semi-space-size=4', 'cli/guard.cjs', 'cli/coxswain.ts', 'start'];
  const child = spawn(process.execPath, [...start, '--data', folder, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve) =>
    child.stdout.on('data', (said: Buffer) => said.includes('ready') && resolve()),
  );
  const readySeconds = (performance.now() - began) / 1000;
  const file = () => readPlatformFile(folder);
  return {
    readySeconds,
    file,
    compute: async (inputCount, blockSize, watch) => runToEnd(await file(), inputCount, blockSize, watch),
    stop: async () => {
      child.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const runToEnd = async (
  { orchestrator }: PlatformFile,
  inputCount: number,
  blockSize: number,
  watch: (() => Promise<void>) | undefined,
): Promise<number> => {
  const jobs = createHttpJobs(orchestrator);
  const began = performance.now();
  const answer = await jobs.start({ kind: 'compute', inputCount, blockSize });
  if (answer.outcome !== 'started') throw new Error(`Not started: ${JSON.stringify(answer)}`);
  for (;;) {
    const job = await retryTransient(() => jobs.get(answer.id));
    if (job?.endedAt) {
      if (job.state !== 'completed') throw new Error(`${job.id} ended as ${job.state}`);
      return (performance.now() - began) / 1000;
    }
    await watch?.();
    await wait(100);
  }
};

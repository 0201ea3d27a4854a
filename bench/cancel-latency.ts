import { setTimeout as wait } from 'node:timers/promises';
import { createHttpJobs } from '../compute/client/index.ts';
import { outputPrefix } from '../contracts/blob-paths.ts';
import { openStorage } from '../compute/storage/open-storage.ts';
import type { PlatformFile } from '../local/platform/platform-file.ts';

/** The seconds from a cancel until the end of the job and until its queue is empty, and the number of outputs after both. */
export type CancelTimes = { ended: number; queueEmpty: number; late: number };

/** Starts a job of 10 000 blocks, cancels it in the middle, and measures how it ends. */
export const measureCancel = async ({ orchestrator, storage }: PlatformFile): Promise<CancelTimes> => {
  const jobs = createHttpJobs(orchestrator);
  const { blobs, input } = openStorage(storage.connectionString);
  const answer = await jobs.start({ kind: 'compute', inputCount: 10_000, blockSize: 1 });
  if (answer.outcome !== 'started') throw new Error(`Not started: ${JSON.stringify(answer)}`);
  const { id } = answer;
  await until(async () => ((await jobs.get(id))?.progress?.done ?? 0) >= 500);
  await jobs.cancel(id, 'bench');
  const began = performance.now();
  const since = (): number => (performance.now() - began) / 1000;
  const [ended, queueEmpty] = await Promise.all([
    until(async () => (await jobs.get(id))?.state === 'canceled').then(since),
    until(async () => (await input.length()) === 0).then(since),
  ]);
  const outputs = async (): Promise<number> => (await Array.fromAsync(blobs.list(outputPrefix(id)))).length;
  const then = await outputs();
  await wait(3_000);
  return { ended, queueEmpty, late: (await outputs()) - then };
};

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await wait(50);
};

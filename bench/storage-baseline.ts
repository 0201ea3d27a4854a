import { randomBytes } from 'node:crypto';
import { QueueServiceClient } from '@azure/storage-queue';
import { createConcurrencyLimit } from '../runtime/async/concurrency.ts';
import { openStorage } from '../compute/storage/open-storage.ts';
import { createQueue } from '../compute/storage/queue.ts';
import type { BlobPath } from '../contracts/blob-paths.ts';

/** The number of blocks in flight of two workers with eight slots each. */
const concurrency = 16;

/**
 * Measures the lower bound: only the storage operations of a number of blocks, by one client. For each block: put input, enqueue,
 * dequeue, get input, put output, delete message, delete input, get output.
 * @returns seconds
 */
export const measureStorageBaseline = async (connectionString: string, blocks: number): Promise<number> => {
  const { blobs } = openStorage(connectionString);
  const run = randomBytes(8).toString('hex');
  // A separate queue, because workers and autoscaler poll the platform's queue.
  const service = QueueServiceClient.fromConnectionString(connectionString);
  await service.createQueue(`bench-${run}`);
  const queue = createQueue(service, `bench-${run}`);
  const body = JSON.stringify({
    v: 1,
    job: `job-${run}${run}`,
    block: 0,
    algorithm: 'monte-carlo-pi',
    parameters: {},
    inputs: [{ index: 0, seed: 0 }],
  });
  const began = performance.now();
  await runConcurrently(blocks, async (block) => {
    const input: BlobPath = `input/bench-${run}/${block}.json`;
    const output: BlobPath = `output/bench-${run}/${block}.json`;
    await blobs.put(input, body);
    await queue.send(body);
    const [message] = await queue.receive(1, 60);
    await blobs.get(input);
    await blobs.putOnce(output, body);
    if (message) await queue.delete(message);
    await blobs.delete([input]);
    await blobs.get(output);
  });
  return (performance.now() - began) / 1000;
};

const runConcurrently = async (count: number, work: (index: number) => Promise<void>): Promise<void> => {
  const limit = createConcurrencyLimit(concurrency);
  await Promise.all(Array.from({ length: count }, (_, index) => limit(() => work(index))));
};

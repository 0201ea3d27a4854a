import { expect, test } from '@jest/globals';
import { createJobId, toBatchId } from '../../../contracts/ids.ts';
import type { DurableClient, RuntimeStatus } from '../../../compute/orchestrator/durable.ts';
import { notifyBatch } from '../../../compute/orchestrator/events/notify-batch.ts';
import type { Storage } from '../../../compute/storage/open-storage.ts';
import { withInstantOutputs } from '../../fixtures/orchestrator/instant-outputs.ts';

/* Which events reach a batch: on Azure, each of them is an execution that replays the batch. */

const job = createJobId();
const total = 40;

type Batch = { runtimeStatus?: RuntimeStatus; seconds: number; customStatus: unknown; outputs: number };

/** Notifies batch 2 of an output, and returns the blocks of the event that it gets; null if it gets none. */
const notify = async (batch: Batch, blocks: number[] = [207]): Promise<number[] | null> => {
  let raised: number[] | null = null;
  const { runtimeStatus = 'Running', seconds, customStatus, outputs } = batch;
  const lastUpdatedTime = new Date(Date.now() - seconds * 1000).toISOString();
  const client = {
    status: async () => ({ runtimeStatus, lastUpdatedTime, customStatus }),
    raiseEvent: async (...[id, name, data]: [string, string, { blocks: number[] }]) => {
      expect([id, name]).toEqual([toBatchId(job, 2), 'BlocksDone']);
      raised = data.blocks;
      return true;
    },
  } as unknown as DurableClient;
  const storage = withInstantOutputs({ blobs: {} } as Storage, (block) =>
    block < 200 + outputs ? { output: 1 } : 'none',
  );
  await notifyBatch(client, storage.blobs, { job, batch: 2, blocks: new Set(blocks) });
  return raised;
};

const blocksTo = (count: number): number[] => Array.from({ length: count }, (_, n) => 200 + n);
const customStatus = { done: 3, failed: 0, total };

test('a batch that has just had a step is not notified of one more block', async () => {
  expect(await notify({ seconds: 0, customStatus, outputs: 20 })).toBeNull();
});

test('a batch whose blocks all have an output is notified at once', async () => {
  expect(await notify({ seconds: 0, customStatus, outputs: total })).toEqual(blocksTo(total));
});

test('a batch that has had no step for a while is notified of all outputs', async () => {
  expect(await notify({ seconds: 3, customStatus, outputs: 20 })).toEqual(blocksTo(20));
});

test('a batch that knows of all its outputs, or has ended, gets no event', async () => {
  const complete = { done: total, failed: 0, total };
  expect(await notify({ seconds: 3, customStatus: complete, outputs: total })).toBeNull();
  expect(await notify({ runtimeStatus: 'Completed', seconds: 3, customStatus, outputs: 9 })).toBeNull();
});

test('a batch that has not begun gets the event', async () => {
  expect(await notify({ runtimeStatus: 'Pending', seconds: 0, customStatus: null, outputs: 8 })).toEqual([
    207,
  ]);
});

test('events in groups reach the batch as they are', async () => {
  expect(await notify({ seconds: 0, customStatus, outputs: 20 }, [203, 207])).toEqual([203, 207]);
});

import * as v from 'valibot';
import { blocksPerBatch, toBatchId, type JobId } from '../../../contracts/ids.ts';
import type { Blobs } from '../../storage/port.ts';
import { listOutputs } from '../activities/list-outputs.ts';
import type { DurableClient } from '../durable.ts';
import { isLive } from '../job/instances.ts';
import { BlockCounts } from '../job/job-state.ts';

/** Blocks of one batch that have an output. */
export type DoneBlocks = { job: JobId; batch: number; blocks: ReadonlySet<number> };

/** The minimum time between two steps of a batch that only report progress, in milliseconds. */
const minBetweenSteps = 2_000;

/**
 * Raises `BlocksDone {blocks}` on a batch. On Azure, each event makes the batch replay its history, and each delivery has one event. So
 * for a single block, it looks first: a batch that has just had a step gets the event only if all of its blocks have an output. The event
 * then names all blocks that have one. The batch finds the other outputs at its next event or poll.
 */
export const notifyBatch = async (
  client: DurableClient,
  blobs: Blobs,
  { job, batch, blocks }: DoneBlocks,
): Promise<void> => {
  const id = toBatchId(job, batch);
  const raise = (named: readonly number[]) => client.raiseEvent(id, 'BlocksDone', { v: 1, blocks: named });
  const status = blocks.size === 1 ? await client.status(id) : undefined;
  const progress = v.safeParse(BlockCounts, status?.customStatus);
  if (!status || !progress.success) return void (await raise([...blocks]));
  const { done, total } = progress.output;
  if (!isLive(status) || done === total) return;
  const listed = await listOutputs(blobs, { job, batch, first: batch * blocksPerBatch, count: total });
  const isRecent = Date.now() - Date.parse(status.lastUpdatedTime) < minBetweenSteps;
  if (listed.length === total || !isRecent) await raise(listed);
};

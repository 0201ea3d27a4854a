import { blocksPerBatch, type JobId } from '../../../contracts/ids.ts';
import { parseOutputPath, parseExitPath, parseGrantedPath } from '../../../contracts/blob-paths.ts';
import type { Blobs } from '../../storage/port.ts';
import type { DurableClient } from '../durable.ts';
import { notifyBatch, type DoneBlocks } from './notify-batch.ts';
import type { StorageEvent } from './storage-event.ts';

/**
 * Raises `BlocksDone {blocks}` on batches whose blocks have an output (not for each block, see `notifyBatch`), `Exited` on tasks whose
 * script has exited, and `Granted` on jobs that have acquired a lock: one event per batch or job. It ignores other events, other blobs and
 * ended jobs.
 * @throws if it could not raise every event. The delivery then fails, and is repeated; events that are raised again change nothing
 */
export const raiseEvents = async (
  events: readonly StorageEvent[],
  client: DurableClient,
  blobs: Blobs,
): Promise<void> => {
  const paths = events.map(({ blob }) => blob).filter((path) => path !== undefined);
  const raised = await Promise.allSettled([
    ...groupByBatch(paths).map((done) => notifyBatch(client, blobs, done)),
    ...collectJobs(paths, parseExitPath).map((job) => client.raiseEvent(job, 'Exited', { v: 1 })),
    ...collectJobs(paths, parseGrantedPath).map((job) => client.raiseEvent(job, 'Granted', { v: 1 })),
  ]);
  const failures = raised.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (failures.length > 0) throw new AggregateError(failures, 'Could not raise every event');
};

const collectJobs = (paths: readonly string[], parseJob: (path: string) => JobId | undefined): JobId[] => [
  ...new Set(paths.map((path) => parseJob(path)).filter((job) => job !== undefined)),
];

const groupByBatch = (paths: readonly string[]): DoneBlocks[] => {
  const batches = new Map<string, DoneBlocks & { blocks: Set<number> }>();
  for (const path of paths) {
    const output = parseOutputPath(path);
    if (!output) continue;
    const { job, block } = output;
    const batch = Math.floor(block / blocksPerBatch);
    const known = batches.get(`${job} ${batch}`) ?? { job, batch, blocks: new Set() };
    batches.set(`${job} ${batch}`, known);
    known.blocks.add(block);
  }
  return [...batches.values()];
};

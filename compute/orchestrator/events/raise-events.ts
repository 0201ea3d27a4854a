import { toBatchId, blocksPerBatch, type JobId } from '../../../contracts/ids.ts';
import { parseOutputPath, parseExitPath, parseGrantedPath } from '../../../contracts/blob-paths.ts';
import type { DurableClient } from '../durable.ts';
import type { StorageEvent } from './storage-event.ts';

/**
 * Raises `BlocksDone {blocks}` on batches whose blocks have an output, `Exited` on tasks whose script has exited, and `Granted` on jobs
 * that have got a lock: one event per batch or job. It ignores other events, other blobs and ended jobs.
 * @throws if it could not raise every event. The delivery then fails, and is repeated; events that are raised again change nothing
 */
export const raiseEvents = async (events: readonly StorageEvent[], client: DurableClient): Promise<void> => {
  const paths = events.map(({ blob }) => blob).filter((path) => path !== undefined);
  const raised = await Promise.allSettled([
    ...[...groupByBatch(paths)].map(([id, blocks]) =>
      client.raiseEvent(id, 'BlocksDone', { v: 1, blocks: [...blocks] }),
    ),
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

const groupByBatch = (paths: readonly string[]): Map<string, Set<number>> => {
  const batches = new Map<string, Set<number>>();
  for (const path of paths) {
    const output = parseOutputPath(path);
    if (!output) continue;
    const id = toBatchId(output.job, Math.floor(output.block / blocksPerBatch));
    batches.set(id, (batches.get(id) ?? new Set()).add(output.block));
  }
  return batches;
};

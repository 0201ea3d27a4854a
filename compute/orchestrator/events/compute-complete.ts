import { toBatchId, blocksPerBatch, type JobId } from '../../../contracts/ids.ts';
import { parseOutputPath, parseExitPath, parseGrantedPath } from '../../../contracts/blob-paths.ts';
import type { EventFunction } from '../durable.ts';
import { parseBlobCreated } from './blob-created.ts';

/**
 * `ComputeComplete`: raises `BlocksDone {blocks}` on batches whose blocks have an output, `Exited` on tasks whose script has exited, and
 * `Granted` on jobs that have got a lock. It raises one event per batch or job and delivery, and ignores other blobs and ended jobs.
 */
export const computeComplete: EventFunction = {
  name: 'ComputeComplete',
  handle: async (events, client) => {
    const paths = events.map((event) => parseBlobCreated(event)).filter((path) => path !== undefined);
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
    // The whole delivery then fails, and is repeated.
    if (failures.length > 0) throw new AggregateError(failures, 'Could not raise every event');
  },
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

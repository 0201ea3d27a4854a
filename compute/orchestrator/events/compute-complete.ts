import { toBatchId, blocksPerBatch, type JobId } from '../../../contracts/ids.ts';
import { parseOutputPath, parseExitPath, parseGrantedPath } from '../../../contracts/blob-paths.ts';
import type { EventFunction } from '../durable.ts';
import { parseBlobCreated } from './blob-created.ts';

/**
 * `ComputeComplete`: tells batches which of their blocks have an output, tasks that their script has ended, and jobs that wait for
 * a lock that they have it. One event a batch or job and delivery: `BlocksDone {blocks}`, `Exited` or `Granted`. Events of other kinds and of jobs that have ended are passed over.
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
    // The delivery then counts as failed as a whole, and comes again.
    if (failures.length > 0) throw new AggregateError(failures, 'Not every event could be raised');
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

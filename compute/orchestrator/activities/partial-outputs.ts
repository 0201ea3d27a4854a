import { partialPrefix } from '../../../contracts/blob-paths.ts';
import { parseBatchId, type JobId } from '../../../contracts/ids.ts';
import type { LinkName } from '../../../contracts/job.ts';
import type { Blobs } from '../../storage/port.ts';
import { joinOutputs } from './partials.ts';

/**
 * Joins the partials of a job that was stopped: writes the manifest and the outputs of the blocks that had ended, in block order. There is
 * no `result.json`, because the job has no result. Returns the names of the links to them; none if no block had ended.
 */
export const writePartialOutputs = async (blobs: Blobs, job: JobId): Promise<LinkName[]> => {
  const batches: number[] = [];
  for await (const { path } of blobs.list(partialPrefix(job))) {
    const id = /([^/]+)\.json$/.exec(path)?.[1];
    const batch = id === undefined ? undefined : parseBatchId(id)?.batch;
    if (batch !== undefined) batches.push(batch);
  }
  if (batches.length === 0) return [];
  await joinOutputs(
    blobs,
    job,
    batches.toSorted((a, b) => a - b),
  );
  return ['manifest', 'outputs'];
};

import { withDigitsAsText } from '../../../contracts/exact-json.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { FailedBlock } from '../../../contracts/job.ts';
import { manifestPath, outputsPath, resultPath, type BlobPath } from '../../../contracts/blob-paths.ts';
import type { Result } from '../../../contracts/compute-result.ts';
import type { Blobs } from '../../storage/port.ts';
import type { Counts } from '../job/job-end.ts';
import type { ComputeJob } from '../job/job-state.ts';
import { algorithmOf } from './prepare-algorithm.ts';
import type { Dependencies } from './dependencies.ts';
import { manifestLines, outputLines, partialOf } from './partials.ts';
import { Total } from './result-accumulator.ts';

export type Reduced = {
  counts: Counts;
  /**
   * Null if all blocks failed, or if it is too large to stand in a status: then only `result.json` has it. A status is JSON of
   * JavaScript's, so a number that it would round is a text of its digits here.
   */
  result: unknown;
  failures: FailedBlock[];
  /** What `combine` or `finish` threw; then there is no `result.json`. */
  error: string | null;
};

/** The largest result that stands in a job's status, in bytes of JSON. */
const mostResultBytes = 16 * 1024;

export type ReduceInput = { job: JobId; input: ComputeJob; batches: number };

/**
 * Joins a job's partials in batch order and writes manifest, outputs and, last, the result: that is the commit. `missing`: batches
 * whose partials are not there or not whole; then nothing is written.
 */
export const reduce =
  ({ storage: { blobs }, algorithms, flush }: Dependencies) =>
  async ({ job, input, batches }: ReduceInput): Promise<Reduced | { missing: number[] }> => {
    const request = { algorithm: input.request.algorithm, parameters: input.parameters };
    const { algorithm, parameters } = algorithmOf(algorithms, request);
    const total = new Total(algorithm);
    const missing = await join(blobs, job, batches, total);
    if (missing.length > 0) return { missing };

    const { result, error } = total.finish(parameters);
    const { counts, failures } = total;
    const document: Result = {
      v: 1,
      job,
      kind: 'compute',
      ...request,
      blocks: counts,
      inputs: { total: input.request.inputCount, ...input.request.inputs },
      result,
    };
    const written = await write(blobs, job, batches, error === null ? document : undefined);
    await flush();
    const kept = await Promise.all(written.map((path) => blobs.exists(path)));
    if (kept.includes(false)) throw new Error('Storage has lost what was just written');
    const small = Buffer.byteLength(JSON.stringify(result)) <= mostResultBytes;
    return { counts, failures, error, result: small ? withDigitsAsText(result) : null };
  };

/** Adds the partials to the total, in order; answers with the batches that have none. */
const join = async (blobs: Blobs, job: JobId, batches: number, total: Total): Promise<number[]> => {
  const missing: number[] = [];
  for (let batch = 0; batch < batches; batch += 1) {
    const partial = await partialOf(blobs, job, batch);
    if (partial) total.add(partial);
    else missing.push(batch);
  }
  return missing;
};

/** Writes the job's output blobs, the result last; answers with their paths. */
const write = async (blobs: Blobs, job: JobId, batches: number, result?: Result): Promise<BlobPath[]> => {
  await blobs.putParts(manifestPath(job), manifestLines(blobs, job, batches), 'application/x-ndjson');
  await blobs.putParts(outputsPath(job), outputLines(blobs, job, batches), 'application/x-ndjson');
  if (!result) return [manifestPath(job), outputsPath(job)];
  await blobs.put(resultPath(job), JSON.stringify(result), 'application/json');
  return [manifestPath(job), outputsPath(job), resultPath(job)];
};

import { stringifyInexactNumbers } from '../../../contracts/exact-json.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { FailedBlock } from '../../../contracts/job.ts';
import type { ComputeRequest } from '../../../contracts/job-request.ts';
import { manifestPath, outputsPath, resultPath, type BlobPath } from '../../../contracts/blob-paths.ts';
import type { ComputeResult } from '../../../contracts/compute-result.ts';
import type { Blobs } from '../../storage/port.ts';
import type { BlockCounts, ComputeJob } from '../job/job-state.ts';
import { addParameters } from './parameters.ts';
import { prepareAlgorithm } from './prepare-algorithm.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { joinOutputs, readPartial } from './partials.ts';
import { ResultAccumulator } from './result-accumulator.ts';

export type ReduceResult = {
  counts: BlockCounts;
  /**
   * Null if all blocks failed, or if it is too large for a status: then only `result.json` has it. Numbers that JavaScript would round
   * are strings of their digits here.
   */
  result: unknown;
  failures: FailedBlock[];
  /** The error of `combine` or `finish`. Then there is no `result.json`. */
  error: string | null;
};

/** The maximum size of a result in a job's status, in bytes of JSON. */
const maxResultBytes = 16 * 1024;

/**
 * What `Reduce` needs of a job's input, of which it is a part. Without `parameters`, they are in the job's blob. In histories of older
 * versions, it is the whole input.
 */
export type ReducedJob = {
  request: Pick<ComputeRequest, 'algorithm' | 'inputCount' | 'inputs'>;
  parameters?: ComputeJob['parameters'];
};

export type ReduceInput = { job: JobId; input: ReducedJob; batches: number };

/**
 * Joins a job's partials in batch order, and writes the manifest, the outputs and, last, the result, which is the commit. `missing`:
 * batches whose partials are missing or invalid. Then nothing is written.
 */
export const reduce =
  ({ storage: { blobs }, algorithms, flush }: ActivityDependencies) =>
  async ({ job, input, batches }: ReduceInput): Promise<ReduceResult | { missing: number[] }> => {
    const work = await addParameters(blobs, job, input);
    const request = { algorithm: work.request.algorithm, parameters: work.parameters };
    const { algorithm, parameters } = prepareAlgorithm(algorithms, request);
    const accumulator = new ResultAccumulator(algorithm);
    const missing = await joinPartials(blobs, job, batches, accumulator);
    if (missing.length > 0) return { missing };

    const { result, error } = accumulator.finish(parameters);
    const { counts, failures } = accumulator;
    const document: ComputeResult = {
      v: 1,
      job,
      kind: 'compute',
      ...request,
      blocks: counts,
      inputs: { total: input.request.inputCount, ...input.request.inputs },
      result,
    };
    const written = await writeOutputs(blobs, job, batches, error === null ? document : undefined);
    await flush();
    const stored = await Promise.all(written.map((path) => blobs.exists(path)));
    if (stored.includes(false)) throw new Error('Storage has lost blobs that were just written');
    const small = Buffer.byteLength(JSON.stringify(result)) <= maxResultBytes;
    return { counts, failures, error, result: small ? stringifyInexactNumbers(result) : null };
  };

/** Adds the partials to the accumulator, in order. Returns the batches without one. */
const joinPartials = async (
  blobs: Blobs,
  job: JobId,
  batches: number,
  accumulator: ResultAccumulator,
): Promise<number[]> => {
  const missing: number[] = [];
  for (let batch = 0; batch < batches; batch += 1) {
    const partial = await readPartial(blobs, job, batch);
    if (partial) accumulator.add(partial);
    else missing.push(batch);
  }
  return missing;
};

/** Writes the job's output blobs, the result last. Returns their paths. */
const writeOutputs = async (
  blobs: Blobs,
  job: JobId,
  batches: number,
  result?: ComputeResult,
): Promise<BlobPath[]> => {
  await joinOutputs(blobs, job, Array.from({ length: batches }).keys().toArray());
  if (!result) return [manifestPath(job), outputsPath(job)];
  await blobs.put(resultPath(job), JSON.stringify(result), 'application/json');
  return [manifestPath(job), outputsPath(job), resultPath(job)];
};

import type { JobId } from '../../formats/ids.ts';
import type { FailedBlock } from '../../formats/job.ts';
import { manifestPath, outputsPath, resultPath } from '../../formats/paths.ts';
import type { Partial, Result } from '../../formats/result.ts';
import type { Algorithm } from '../../worker/algorithms/port.ts';
import type { Counts } from '../job-end.ts';
import type { ComputeJob } from '../job-input.ts';
import { textOf } from '../thrown.ts';
import { algorithmOf } from './algorithm-of.ts';
import { mostFailures } from './combine-batch.ts';
import type { Dependencies } from './dependencies.ts';
import { manifestLines, outputLines, partialOf } from './partials.ts';

export type Reduced = {
  counts: Counts;
  /** Null if all blocks failed, or if it is too large to stand in a status: then only `result.json` has it. */
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
    const missing: number[] = [];
    for (let batch = 0; batch < batches; batch += 1) {
      const partial = await partialOf(blobs, job, batch);
      if (partial) total.add(partial);
      else missing.push(batch);
    }
    if (missing.length > 0) return { missing };

    await blobs.putParts(manifestPath(job), manifestLines(blobs, job, batches), 'application/x-ndjson');
    await blobs.putParts(outputsPath(job), outputLines(blobs, job, batches), 'application/x-ndjson');
    const { result, error } = total.finish(parameters);
    const { counts, failures } = total;
    if (error === null) {
      const document: Result = {
        v: 1,
        job,
        kind: 'compute',
        ...request,
        blocks: counts,
        inputs: { total: input.request.inputCount },
        result,
      };
      await blobs.put(resultPath(job), JSON.stringify(document), 'application/json');
    }
    await flush();
    const written = [manifestPath(job), outputsPath(job), ...(error === null ? [resultPath(job)] : [])];
    const kept = await Promise.all(written.map((path) => blobs.exists(path)));
    if (kept.includes(false)) throw new Error('Storage has lost what was just written');
    const small = Buffer.byteLength(JSON.stringify(result)) <= mostResultBytes;
    return { counts, failures, error, result: small ? result : null };
  };

/** Partials joined from left to right. */
class Total {
  readonly #algorithm: Algorithm;
  #combined: { value: unknown } | undefined;
  #error: string | null = null;
  readonly counts: Counts = { done: 0, failed: 0, total: 0 };
  readonly failures: FailedBlock[] = [];

  constructor(algorithm: Algorithm) {
    this.#algorithm = algorithm;
  }

  add({ done, failed, combined, error, failures }: Partial): void {
    this.counts.done += done;
    this.counts.failed += failed;
    this.counts.total += done + failed;
    this.failures.push(...failures.slice(0, mostFailures - this.failures.length));
    this.#error ??= error ?? null;
    if (done === 0 || this.#error !== null) return;
    const left = this.#combined;
    this.#try(() => {
      this.#combined = { value: left ? this.#algorithm.combine(left.value, combined) : combined };
    });
  }

  finish(parameters: unknown): { result: unknown; error: string | null } {
    let result: unknown = null;
    const combined = this.#combined;
    if (combined && this.#error === null)
      this.#try(() => {
        result = this.#algorithm.finish(combined.value, parameters) ?? null;
      });
    return { result, error: this.#error };
  }

  /** What the algorithm throws ends the job as `reduce-failed`: to try again would not help. */
  #try(step: () => void): void {
    try {
      step();
    } catch (thrown) {
      this.#error = textOf(thrown);
    }
  }
}

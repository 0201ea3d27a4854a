import type { FailedBlock } from '../../../contracts/job.ts';
import type { BatchPartial } from '../../../contracts/compute-result.ts';
import type { Algorithm } from '../../algorithms/algorithm.ts';
import type { BlockCounts } from '../job/job-state.ts';
import { toErrorText } from '../text.ts';
import { maxFailures } from './combine-batch.ts';

/** Joins partials from left to right. */
export class ResultAccumulator {
  readonly #algorithm: Algorithm;
  #combined: { value: unknown } | undefined;
  #error: string | null = null;
  readonly counts: BlockCounts = { done: 0, failed: 0, total: 0 };
  readonly failures: FailedBlock[] = [];

  constructor(algorithm: Algorithm) {
    this.#algorithm = algorithm;
  }

  add({ done, failed, combined, error, failures }: BatchPartial): void {
    this.counts.done += done;
    this.counts.failed += failed;
    this.counts.total += done + failed;
    this.failures.push(...failures.slice(0, maxFailures - this.failures.length));
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

  /** Runs a step of the algorithm. Its error ends the job as `reduce-failed`, because a retry would not help. */
  #try(step: () => void): void {
    try {
      step();
    } catch (thrown) {
      this.#error = toErrorText(thrown);
    }
  }
}

import type { FailedBlock } from '../../../contracts/job.ts';
import type { Partial } from '../../../contracts/compute-result.ts';
import type { Algorithm } from '../../algorithms/algorithm.ts';
import type { Counts } from '../job/job-end.ts';
import { textOf } from '../text.ts';
import { mostFailures } from './combine-batch.ts';

/** Partials joined from left to right. */
export class Total {
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

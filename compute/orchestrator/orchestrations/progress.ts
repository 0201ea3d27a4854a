import type { OrchestrationContext } from 'durable-functions';
import type { BatchPlan } from '../job/batch-plan.ts';
import type { Counts } from '../job/job-end.ts';
import type { BatchEnd } from './compute-batch.ts';
import type { Beginning } from './outcomes.ts';

/** A job's verdicts so far, from the batches that have ended; shown as the job's custom status. */
export class Tally {
  readonly #context: OrchestrationContext;
  readonly #beginning: Beginning;
  readonly #total: number;
  readonly #ends = new Map<number, BatchEnd>();

  constructor(
    context: OrchestrationContext,
    { startedAt, approvals }: Beginning,
    plans: readonly BatchPlan[],
  ) {
    this.#context = context;
    this.#beginning = { startedAt, approvals };
    this.#total = plans.reduce((sum, { count }) => sum + count, 0);
    this.#show();
  }

  /** A batch has ended; what an earlier run of it said no longer counts. */
  add(batch: number, end: BatchEnd): void {
    this.#ends.set(batch, end);
    this.#show();
  }

  get counts(): Counts {
    const ends = [...this.#ends.values()];
    const sum = (of: 'done' | 'failed') => ends.reduce((n, end) => n + end[of], 0);
    return { done: sum('done'), failed: sum('failed'), total: this.#total };
  }

  #show(): void {
    this.#context.df.setCustomStatus({ ...this.#beginning, ...this.counts });
  }
}

import type { OrchestrationContext } from 'durable-functions';
import type { BatchPlan } from '../job/batch-plan.ts';
import type { BlockCounts } from '../job/job-state.ts';
import type { BatchOutcome } from './compute-batch.ts';
import type { JobBeginning } from './outcomes.ts';

/** A job's verdicts so far, from the batches that have ended; shown as the job's custom status. */
export class JobProgress {
  readonly #context: OrchestrationContext;
  readonly #beginning: JobBeginning;
  readonly #total: number;
  readonly #outcomes = new Map<number, BatchOutcome>();

  constructor(
    context: OrchestrationContext,
    { startedAt, approvals }: JobBeginning,
    plans: readonly BatchPlan[],
  ) {
    this.#context = context;
    this.#beginning = { startedAt, approvals };
    this.#total = plans.reduce((sum, { count }) => sum + count, 0);
    this.#setStatus();
  }

  /** A batch has ended; what an earlier run of it said no longer counts. */
  add(batch: number, end: BatchOutcome): void {
    this.#outcomes.set(batch, end);
    this.#setStatus();
  }

  get counts(): BlockCounts {
    const ends = [...this.#outcomes.values()];
    const sum = (of: 'done' | 'failed') => ends.reduce((n, end) => n + end[of], 0);
    return { done: sum('done'), failed: sum('failed'), total: this.#total };
  }

  #setStatus(): void {
    this.#context.df.setCustomStatus({ ...this.#beginning, ...this.counts });
  }
}

import type { OrchestrationContext } from 'durable-functions';
import type { BatchPlan } from '../job/batch-plan.ts';
import type { BlockCounts } from '../job/job-state.ts';
import type { BatchOutcome } from './compute-batch.ts';
import type { JobBeginning } from './outcomes.ts';

/** The counts of a job's blocks, from the batches that have ended. Each change sets the job's custom status. */
export class ProgressTracker {
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

  /** Adds a batch that has ended, in place of an earlier run of it. */
  add(batch: number, outcome: BatchOutcome): void {
    this.#outcomes.set(batch, outcome);
    this.#setStatus();
  }

  get counts(): BlockCounts {
    const outcomes = [...this.#outcomes.values()];
    const sum = (field: 'done' | 'failed') => outcomes.reduce((n, outcome) => n + outcome[field], 0);
    return { done: sum('done'), failed: sum('failed'), total: this.#total };
  }

  #setStatus(): void {
    this.#context.df.setCustomStatus({ ...this.#beginning, ...this.counts });
  }
}

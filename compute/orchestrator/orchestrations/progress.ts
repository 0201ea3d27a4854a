import type { OrchestrationContext } from 'durable-functions';
import type { BlockCounts } from '../job/job-state.ts';
import type { JobBeginning } from './outcomes.ts';

/** The blocks of a batch that have ended. */
export type BatchCounts = { done: number; failed: number };

/** The counts of a job's blocks, from the batches that have ended. Each change sets the job's custom status. */
export class ProgressTracker {
  readonly #context: OrchestrationContext;
  readonly #beginning: JobBeginning;
  readonly #total: number;
  readonly #counts = new Map<number, BatchCounts>();

  constructor(context: OrchestrationContext, { startedAt, approvals }: JobBeginning, total: number) {
    this.#context = context;
    this.#beginning = { startedAt, approvals };
    this.#total = total;
    this.#setStatus();
  }

  /** Adds a batch that has ended, in place of an earlier run of it. */
  add(batch: number, counts: BatchCounts): void {
    this.#counts.set(batch, counts);
    this.#setStatus();
  }

  get counts(): BlockCounts {
    const all = [...this.#counts.values()];
    const sum = (field: keyof BatchCounts) => all.reduce((n, counts) => n + counts[field], 0);
    return { done: sum('done'), failed: sum('failed'), total: this.#total };
  }

  #setStatus(): void {
    this.#context.df.setCustomStatus({ ...this.#beginning, ...this.counts });
  }
}

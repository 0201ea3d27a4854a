import { setTimeout as wait } from 'node:timers/promises';
import type { Leases } from '../../compute/client/index.ts';
import { KeyedMutex } from '../../runtime/async/keyed-mutex.ts';

export type ReplyLeaseOptions = {
  leases: Leases;
  /** Tells this process from all others. */
  holder: string;
  /**
   * `lease`: how long it lasts without being renewed. `settling`: how long it stays after the work, for GitHub may take that
   * long to show others what was written; 0 lets go of it at once. `patience`: how long another's is waited for.
   */
  seconds?: { lease: number; settling: number; patience: number };
  /** Ends the waiting. */
  stopping: AbortSignal;
};

/** The patience outlasts the lease of a process that died at work. */
const defaultSeconds = { lease: 20, settling: 3, patience: 25 };

/** Between two attempts, in milliseconds. */
const backoff = { first: 50, longest: 1_000 };

/** It counts as lost this share earlier than the orchestrator lets anyone else have it. */
const expiryMargin = 0.1;

/** @throws Error if the lease is lost: then nothing more is to be written */
export type WriteGuard = () => void;

/** Lets one at a time write a reply: one piece of work of this process, and one process of all. */
export class ReplyLease {
  readonly #options: ReplyLeaseOptions;
  readonly #queue = new KeyedMutex();
  readonly #seconds: { lease: number; settling: number; patience: number };

  constructor(options: ReplyLeaseOptions) {
    this.#options = options;
    this.#seconds = options.seconds ?? defaultSeconds;
  }

  /**
   * Does `work` while nobody else can write this reply. What the process knew of the reply before may be out of date by then.
   * @param scope the repository, as `scopeOf` names it
   * @param subject what is replied to: a comment's id, or that of the job of a workflow
   * @param work calls what it is given right before each write
   * @throws Error if another has it for too long, OrchestratorError if it cannot be told; faults of the work
   */
  withReplyLease<T>(
    scope: string,
    subject: number | string,
    work: (held: WriteGuard) => Promise<T>,
  ): Promise<T> {
    const name = `reply/${scope}/${subject}`;
    return this.#queue.run(name, () => this.#runUnderLease(name, work));
  }

  /** Resolves when no work is waiting or running. */
  idle(): Promise<void> {
    return this.#queue.waitUntilIdle();
  }

  async #runUnderLease<T>(name: string, work: (held: WriteGuard) => Promise<T>): Promise<T> {
    let until = await this.#acquire(name);
    const renew = async () => {
      until = (await this.#tryAcquire(name).catch(() => until)) ?? -Infinity;
    };
    let renewal = Promise.resolve();
    const timer = setInterval(
      () => {
        renewal = renewal.then(renew);
      },
      (this.#seconds.lease * 1_000) / 3,
    );
    try {
      return await work(() => {
        if (performance.now() >= until) throw new Error(`The lease ${name} was lost`);
      });
    } finally {
      clearInterval(timer);
      await renewal;
      // Without an answer it runs out by itself.
      await this.#release(name).catch(() => {});
    }
  }

  /** Until when it is ours. */
  async #acquire(name: string): Promise<number> {
    const giveUp = performance.now() + this.#seconds.patience * 1_000;
    for (let pause = backoff.first; ; pause = Math.min(backoff.longest, pause * 2)) {
      const until = await this.#tryAcquire(name);
      if (until !== undefined) return until;
      if (performance.now() + pause > giveUp) throw new Error(`Another process keeps the lease ${name}`);
      await wait(pause, undefined, { signal: this.#options.stopping });
    }
  }

  async #tryAcquire(name: string): Promise<number | undefined> {
    const { leases, holder } = this.#options;
    const asked = performance.now();
    const taken = await leases.take(name, holder, this.#seconds.lease);
    return taken ? asked + this.#seconds.lease * 1_000 * (1 - expiryMargin) : undefined;
  }

  async #release(name: string): Promise<void> {
    const { leases, holder } = this.#options;
    if (this.#seconds.settling > 0) await leases.take(name, holder, this.#seconds.settling);
    else await leases.release(name, holder);
  }
}

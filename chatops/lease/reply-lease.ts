import { setTimeout as wait } from 'node:timers/promises';
import type { Leases } from '../../compute/client/index.ts';
import { KeyedMutex } from '../../runtime/async/keyed-mutex.ts';

type ReplyLeaseOptions = {
  leases: Leases;
  /** Identifies this process. */
  holder: string;
  /**
   * `lease`: the duration of the lease without renewal. `settling`: how long the lease stays after the work, because GitHub may take
   * that long to show a write to others; 0 releases it at once. `maxWait`: how long to wait for the lease of another process.
   */
  seconds?: { lease: number; settling: number; maxWait: number };
  /** Aborts the wait for the lease. */
  stopping: AbortSignal;
};

/** The wait is longer than the lease of a process that crashed. */
const defaultSeconds = { lease: 20, settling: 3, maxWait: 25 };

/** The delay between two attempts, in milliseconds. */
const backoff = { min: 50, max: 1_000 };

/** The lease counts as lost this share of its duration before the orchestrator would grant it to another process. */
const expiryMargin = 0.1;

/** Checks that the lease is still held; called before each write. @throws Error if the lease is lost: then nothing more must be written */
export type WriteGuard = () => void;

/** Serializes the writes to a reply, within this process and across processes. */
export class ReplyLease {
  readonly #options: ReplyLeaseOptions;
  readonly #queue = new KeyedMutex();
  readonly #seconds: { lease: number; settling: number; maxWait: number };

  constructor(options: ReplyLeaseOptions) {
    this.#options = options;
    this.#seconds = options.seconds ?? defaultSeconds;
  }

  /**
   * Runs `work` while no one else can write this reply. What the process knew of the reply before may be out of date by then.
   * @param scope the repository's scope, from `toScope`
   * @param subject the id of the comment, or of the job of a workflow
   * @param work calls the guard right before each write
   * @throws Error if another process holds the lease for too long, OrchestratorError if the orchestrator fails; errors of the work
   */
  withReplyLease<T>(
    scope: string,
    subject: number | string,
    work: (guard: WriteGuard) => Promise<T>,
  ): Promise<T> {
    const name = `reply/${scope}/${subject}`;
    return this.#queue.run(name, () => this.#runUnderLease(name, work));
  }

  /** Resolves when no work is waiting or running. */
  idle(): Promise<void> {
    return this.#queue.waitUntilIdle();
  }

  async #runUnderLease<T>(name: string, work: (guard: WriteGuard) => Promise<T>): Promise<T> {
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
      // If this fails, the lease expires by itself.
      await this.#release(name).catch(() => {});
    }
  }

  /** Waits for the lease. Returns the time at which it counts as lost. */
  async #acquire(name: string): Promise<number> {
    const deadline = performance.now() + this.#seconds.maxWait * 1_000;
    for (let pause = backoff.min; ; pause = Math.min(backoff.max, pause * 2)) {
      const until = await this.#tryAcquire(name);
      if (until !== undefined) return until;
      if (performance.now() + pause > deadline) throw new Error(`Another process holds the lease ${name}`);
      await wait(pause, undefined, { signal: this.#options.stopping });
    }
  }

  async #tryAcquire(name: string): Promise<number | undefined> {
    const { leases, holder } = this.#options;
    const requestedAt = performance.now();
    const taken = await leases.take(name, holder, this.#seconds.lease);
    return taken ? requestedAt + this.#seconds.lease * 1_000 * (1 - expiryMargin) : undefined;
  }

  async #release(name: string): Promise<void> {
    const { leases, holder } = this.#options;
    if (this.#seconds.settling > 0) await leases.take(name, holder, this.#seconds.settling);
    else await leases.release(name, holder);
  }
}

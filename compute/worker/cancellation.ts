import { LRUCache } from 'lru-cache';
import { canceledPath } from '../../contracts/blob-paths.ts';
import type { JobId } from '../../contracts/ids.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Blobs } from '../storage/port.ts';

/** How long an answer "not canceled" is cached. */
const cacheMilliseconds = 2_000;

/** Reads which jobs are canceled, each at most every 2 s. A job that is canceled stays so. */
export class CancellationCache {
  readonly #answers = new LRUCache<JobId, Promise<boolean>>({ max: 1_000, ttl: cacheMilliseconds });
  readonly #blobs: Blobs;
  readonly #log: Logger;

  constructor(blobs: Blobs, log: Logger) {
    this.#blobs = blobs;
    this.#log = log;
  }

  /** Returns whether a job is canceled; false, too, if storage does not answer. */
  isCanceled(job: JobId): Promise<boolean> {
    const cached = this.#answers.get(job);
    if (cached) return cached;
    const answer = this.#fetch(job);
    this.#answers.set(job, answer);
    return answer;
  }

  async #fetch(job: JobId): Promise<boolean> {
    try {
      const canceled = await this.#blobs.exists(canceledPath(job));
      if (canceled) this.#answers.set(job, Promise.resolve(true), { ttl: 0 });
      return canceled;
    } catch (error) {
      this.#log.warn({ err: error, job }, 'could not read whether a job is canceled');
      return false;
    }
  }
}

/** Why a running block is interrupted: its job was canceled, another worker has its message, or this worker stops. */
export type InterruptReason = 'canceled' | 'lost' | 'draining';

/** The reason of the abort of a computation. */
export class InterruptedError extends Error {
  override name = 'InterruptedError';
  readonly reason: InterruptReason;
  constructor(reason: InterruptReason) {
    super(`Interrupted: ${reason}`);
    this.reason = reason;
  }
}

/** A running block that can be interrupted. */
export type TrackedBlock = {
  readonly signal: AbortSignal;
  interrupt(reason: InterruptReason): void;
  /** Ends the tracking. */
  untrack(): void;
};

/** How often the jobs of running blocks are checked; `CancellationCache` asks storage less often. */
const pollMilliseconds = 500;

/** Interrupts running blocks whose jobs are canceled. */
export class CancellationTracker {
  readonly #inFlight = new Map<AbortController, JobId>();
  readonly #cancellations: CancellationCache;
  readonly #timer: NodeJS.Timeout;
  #isStopping = false;

  constructor(cancellations: CancellationCache) {
    this.#cancellations = cancellations;
    this.#timer = setInterval(() => void this.#poll(), pollMilliseconds);
  }

  track(job: JobId): TrackedBlock {
    const controller = new AbortController();
    const interrupt = (reason: InterruptReason) => controller.abort(new InterruptedError(reason));
    this.#inFlight.set(controller, job);
    if (this.#isStopping) interrupt('draining');
    return {
      signal: controller.signal,
      interrupt,
      untrack: () => void this.#inFlight.delete(controller),
    };
  }

  /** Interrupts all running blocks, and each that is tracked later. */
  interruptAll(): void {
    this.#isStopping = true;
    for (const controller of this.#inFlight.keys()) controller.abort(new InterruptedError('draining'));
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #poll(): Promise<void> {
    for (const [controller, job] of this.#inFlight) {
      if (await this.#cancellations.isCanceled(job)) controller.abort(new InterruptedError('canceled'));
    }
  }
}

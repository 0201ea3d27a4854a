import type { JobId } from '../../contracts/ids.ts';
import type { CancellationCache } from './cancellations.ts';

/** Why work in hand is broken off: its job was canceled, somebody else has the message, the worker must end. */
export type InterruptReason = 'canceled' | 'lost' | 'draining';

/** What an aborted computation throws. */
export class InterruptedError extends Error {
  override name = 'InterruptedError';
  readonly reason: InterruptReason;
  constructor(reason: InterruptReason) {
    super(`Interrupted: ${reason}`);
    this.reason = reason;
  }
}

/** A block in hand that can be interrupted. */
export type TrackedBlock = {
  readonly signal: AbortSignal;
  interrupt(why: InterruptReason): void;
  /** Call it when the block is out of hand. */
  untrack(): void;
};

/** How often the jobs in hand are asked for; `Cancellations` looks at a mark less often. */
const pollMilliseconds = 500;

/** All blocks in hand, and what may interrupt them. While there are any, their jobs' marks are looked at. */
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
    const interrupt = (why: InterruptReason) => controller.abort(new InterruptedError(why));
    this.#inFlight.set(controller, job);
    if (this.#isStopping) interrupt('draining');
    return { signal: controller.signal, interrupt, untrack: () => void this.#inFlight.delete(controller) };
  }

  /** Interrupts all that is in hand. */
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

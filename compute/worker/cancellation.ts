import type { JobId } from '../../contracts/ids.ts';
import type { Cancellations } from './cancellations.ts';

/** Why work in hand is broken off: its job was canceled, somebody else has the message, the worker must end. */
export type Why = 'canceled' | 'lost' | 'draining';

/** What an aborted computation throws. */
export class Interruption extends Error {
  override name = 'Interruption';
  readonly why: Why;
  constructor(why: Why) {
    super(`Interrupted: ${why}`);
    this.why = why;
  }
}

/** A block in hand that can be interrupted. */
export type Interruptible = {
  readonly signal: AbortSignal;
  interrupt(why: Why): void;
  /** Call it when the block is out of hand. */
  leave(): void;
};

/** How often the jobs in hand are asked for; `Cancellations` looks at a mark less often. */
const askEveryMilliseconds = 500;

/** All blocks in hand, and what may interrupt them. While there are any, their jobs' marks are looked at. */
export class Interruptions {
  readonly #inHand = new Map<AbortController, JobId>();
  readonly #cancellations: Cancellations;
  readonly #timer: NodeJS.Timeout;
  #draining = false;

  constructor(cancellations: Cancellations) {
    this.#cancellations = cancellations;
    this.#timer = setInterval(() => void this.#look(), askEveryMilliseconds);
  }

  enter(job: JobId): Interruptible {
    const controller = new AbortController();
    const interrupt = (why: Why) => controller.abort(new Interruption(why));
    this.#inHand.set(controller, job);
    if (this.#draining) interrupt('draining');
    return { signal: controller.signal, interrupt, leave: () => void this.#inHand.delete(controller) };
  }

  /** Interrupts all that is in hand. */
  drain(): void {
    this.#draining = true;
    for (const controller of this.#inHand.keys()) controller.abort(new Interruption('draining'));
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    for (const [controller, job] of this.#inHand) {
      if (await this.#cancellations.isCanceled(job)) controller.abort(new Interruption('canceled'));
    }
  }
}

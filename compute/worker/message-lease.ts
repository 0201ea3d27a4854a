import type { Logger } from '../../runtime/log.ts';
import type { Queue, ReceivedMessage } from '../storage/port.ts';

export type MessageLeaseOptions = {
  queue: Queue;
  visibilitySeconds: number;
  log: Logger;
  /** Called when another worker has received the message. */
  onLost: () => void;
};

/** Keeps a received message invisible to other workers: renews its visibility after each third of it. */
export class MessageLease {
  readonly #options: MessageLeaseOptions;
  readonly #timer: NodeJS.Timeout;
  /** The message with its last receipt; undefined once it is lost. */
  #message: ReceivedMessage | undefined;
  #renewal: Promise<void> = Promise.resolve();

  constructor(message: ReceivedMessage, options: MessageLeaseOptions) {
    this.#options = options;
    this.#message = message;
    let isRenewing = false;
    // One at a time: while storage does not answer, renewals would only queue up.
    const renew = (): void => {
      if (isRenewing) return;
      isRenewing = true;
      this.#renewal = this.#renew().finally(() => (isRenewing = false));
    };
    this.#timer = setInterval(renew, (options.visibilitySeconds * 1_000) / 3);
  }

  /** Deletes the message. */
  async delete(): Promise<void> {
    const message = await this.#endRenewal();
    if (message) await this.#options.queue.delete(message);
  }

  /** Replaces the message's text, and makes it visible to all workers after so many seconds. */
  async returnToQueue(text: string, seconds: number): Promise<void> {
    const message = await this.#endRenewal();
    if (message) await this.#options.queue.renew(message, seconds, text);
  }

  /** Stops renewing. Call it last, whatever happened. */
  stopRenewing(): void {
    clearInterval(this.#timer);
  }

  async #endRenewal(): Promise<ReceivedMessage | undefined> {
    this.stopRenewing();
    await this.#renewal;
    return this.#message;
  }

  async #renew(): Promise<void> {
    const { queue, visibilitySeconds, log, onLost } = this.#options;
    try {
      if (this.#message) this.#message = await queue.renew(this.#message, visibilitySeconds);
      if (this.#message) return;
      this.stopRenewing();
      onLost();
    } catch (error) {
      log.warn({ err: error }, 'could not renew a message');
    }
  }
}

import type { Queue, ReceivedMessage } from '../storage/port.ts';
import type { Logger } from '../../runtime/log.ts';

/** A message in hand, kept invisible to others until it is let go. */
export type LeasedMessage = {
  /** Ends the message. */
  delete(): Promise<void>;
  /** Lets others have it after so many seconds, with this text. */
  returnToQueue(text: string, seconds: number): Promise<void>;
  /** Stops renewing it; call it last, whatever happened. */
  stopRenewing(): void;
};

/**
 * Holds a message for as long as it is worked on: renews its visibility each third of it.
 * @param onLost called when somebody else has the message by now
 */
export const leaseMessage = (
  queue: Queue,
  received: ReceivedMessage,
  visibilitySeconds: number,
  log: Logger,
  onLost: () => void,
): LeasedMessage => {
  let message: ReceivedMessage | undefined = received;
  let renewal: Promise<void> = Promise.resolve();
  const renew = async (): Promise<void> => {
    try {
      if (message) message = await queue.renew(message, visibilitySeconds);
      if (!message) {
        clearInterval(timer);
        onLost();
      }
    } catch (error) {
      log.warn({ err: error }, 'a message could not be renewed');
    }
  };
  const timer = setInterval(
    () => {
      renewal = renewal.then(renew);
    },
    (visibilitySeconds * 1_000) / 3,
  );
  /** The message with its last receipt, no longer renewed. */
  const endRenewal = async (): Promise<ReceivedMessage | undefined> => {
    clearInterval(timer);
    await renewal;
    return message;
  };
  return {
    delete: async () => {
      const last = await endRenewal();
      if (last) await queue.delete(last);
    },
    returnToQueue: async (text, seconds) => {
      const last = await endRenewal();
      if (last) await queue.renew(last, seconds, text);
    },
    stopRenewing: () => clearInterval(timer),
  };
};

import type { Queue, Received } from '../storage/port.ts';
import type { Logger } from '../../runtime/log.ts';

/** A message in hand, kept invisible to others until it is let go. */
export type Held = {
  /** Ends the message. */
  delete(): Promise<void>;
  /** Lets others have it after so many seconds, with this text. */
  giveBack(text: string, seconds: number): Promise<void>;
  /** Stops renewing it; call it last, whatever happened. */
  letGo(): void;
};

/**
 * Holds a message for as long as it is worked on: renews its visibility each third of it.
 * @param onLost called when somebody else has the message by now
 */
export const hold = (
  queue: Queue,
  taken: Received,
  visibilitySeconds: number,
  log: Logger,
  onLost: () => void,
): Held => {
  let message: Received | undefined = taken;
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
  const settled = async (): Promise<Received | undefined> => {
    clearInterval(timer);
    await renewal;
    return message;
  };
  return {
    delete: async () => {
      const last = await settled();
      if (last) await queue.delete(last);
    },
    giveBack: async (text, seconds) => {
      const last = await settled();
      if (last) await queue.renew(last, seconds, text);
    },
    letGo: () => clearInterval(timer),
  };
};

import { QueueServiceClient, type DequeuedMessageItem, type QueueClient } from '@azure/storage-queue';
import * as v from 'valibot';
import { exponentialDelay } from '../../../runtime/async/backoff.ts';
import { PollLoop } from '../../../runtime/async/poll-loop.ts';
import { resolvesWithin } from '../../../runtime/async/timeout.ts';
import type { Logger } from '../../../runtime/log.ts';
import type { InvokeFunction, TriggeredFunction } from '../worker/invoke-function.ts';

/** How queue triggers behave: `extensions.queues` of `host.json`. Times are in milliseconds. */
export type QueueOptions = {
  messageEncoding: 'none' | 'base64';
  /** The maximum number of messages that are received at once. */
  batchSize: number;
  /** More messages are received when at most this many are being handled. */
  newBatchThreshold: number;
  maxDequeueCount: number;
  /** The maximum interval between polls of an empty queue. */
  maxPollingInterval: number;
  /** How long a message that failed stays invisible. */
  visibilityTimeout: number;
};

const QueueTrigger = v.object({
  queueName: v.string(),
  /** The name of the setting with the connection string. */
  connection: v.string(),
});

type QueueTriggerOptions = {
  functions: readonly TriggeredFunction[];
  invoke: InvokeFunction;
  options: QueueOptions;
  /** The app's settings. */
  settings: Readonly<Record<string, string | undefined>>;
  log: Logger;
};

/** How long a message is invisible while it is handled, in seconds, as with the extension, which also renews it. Our handlers take seconds. */
const handlingSeconds = 600;
const minPollMilliseconds = 100;
/** How long `stop` waits for handlers. Their messages become visible again later. */
const stopMilliseconds = 5_000;

/**
 * Feeds queue functions from storage queues, as the Storage extension does: a message whose handler throws becomes visible again; after
 * `maxDequeueCount` attempts it moves to `<queue>-poison`. With base64, a message that is not base64 moves there at once.
 * @throws Error if the setting of a connection is missing
 */
export const startQueueTriggers = ({
  functions,
  settings,
  ...options
}: QueueTriggerOptions): { stop: () => Promise<void> } => {
  const listeners = functions.map((called) => {
    const { queueName, connection } = v.parse(QueueTrigger, called.trigger);
    const connectionString = settings[connection];
    if (connectionString === undefined)
      throw new Error(`The queue function ${called.name} needs the setting ${connection}`);
    const service = QueueServiceClient.fromConnectionString(connectionString, {
      retryOptions: { maxTries: 1 },
    });
    return new QueueListener({ ...options, called, service, queueName });
  });
  return { stop: async () => void (await Promise.all(listeners.map((listener) => listener.stop()))) };
};

type ListenerOptions = Omit<QueueTriggerOptions, 'functions' | 'settings'> & {
  called: TriggeredFunction;
  service: QueueServiceClient;
  queueName: string;
};

/** Polls one queue, and calls its function for each message, several at once. */
class QueueListener {
  readonly #options: ListenerOptions;
  readonly #queue: QueueClient;
  readonly #poison: QueueClient;
  readonly #loop = new PollLoop(() => this.#poll());
  readonly #handling = new Set<Promise<void>>();
  #emptyPolls = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#queue = options.service.getQueueClient(options.queueName);
    this.#poison = options.service.getQueueClient(`${options.queueName}-poison`);
    this.#loop.wake();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    if (!(await resolvesWithin(stopMilliseconds, Promise.all(this.#handling))))
      this.#options.log.warn('queue functions did not end in time');
  }

  /** Receives a batch. Returns the delay before the next poll; while enough messages are being handled, their end wakes the loop. */
  async #poll(): Promise<number> {
    const { batchSize, newBatchThreshold, maxPollingInterval } = this.#options.options;
    if (this.#handling.size > newBatchThreshold) return Infinity;
    const messages = await this.#receive(batchSize);
    messages.forEach((message) => this.#track(this.#handle(message)));
    this.#emptyPolls = messages.length > 0 ? 0 : this.#emptyPolls + 1;
    return this.#emptyPolls === 0
      ? 0
      : exponentialDelay(this.#emptyPolls - 1, {
          minMilliseconds: Math.min(minPollMilliseconds, maxPollingInterval),
          maxMilliseconds: maxPollingInterval,
        });
  }

  async #receive(numberOfMessages: number): Promise<DequeuedMessageItem[]> {
    try {
      const options = { numberOfMessages, visibilityTimeout: handlingSeconds };
      return (await this.#queue.receiveMessages(options)).receivedMessageItems;
    } catch (error) {
      // The queue does not exist, or storage is not available.
      this.#options.log.warn(
        { queue: this.#options.queueName, reason: describe(error) },
        'could not poll a queue',
      );
      return [];
    }
  }

  #track(handling: Promise<void>): void {
    this.#handling.add(handling);
    void handling.finally(() => {
      this.#handling.delete(handling);
      this.#loop.wake();
    });
  }

  /** Handles a message. Never rejects. */
  async #handle(message: DequeuedMessageItem): Promise<void> {
    const { invoke, called, log, options } = this.#options;
    const { messageId, popReceipt, dequeueCount } = message;
    try {
      const text = decode(message.messageText, options.messageEncoding);
      if (text === undefined || dequeueCount > options.maxDequeueCount)
        return await this.#moveToPoison(message);
      try {
        await invoke(called, { data: { string: text }, metadata: describeMessage(message) });
      } catch (error) {
        log.error(
          { err: error, function: called.name, message: messageId, dequeueCount },
          'queue function failed',
        );
        if (dequeueCount >= options.maxDequeueCount) return await this.#moveToPoison(message);
        const seconds = Math.round(options.visibilityTimeout / 1_000);
        await this.#queue.updateMessage(messageId, popReceipt, message.messageText, seconds);
        return;
      }
      await this.#queue.deleteMessage(messageId, popReceipt);
    } catch (error) {
      // The message becomes visible again by itself.
      log.warn({ message: messageId, reason: describe(error) }, 'could not settle a message');
    }
  }

  async #moveToPoison({ messageId, popReceipt, messageText }: DequeuedMessageItem): Promise<void> {
    await this.#poison.createIfNotExists();
    await this.#poison.sendMessage(messageText, { messageTimeToLive: -1 });
    await this.#queue.deleteMessage(messageId, popReceipt);
    this.#options.log.warn(
      { message: messageId, queue: this.#poison.name },
      'moved a message to the poison queue',
    );
  }
}

const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Returns the text of a message; undefined if it does not have the encoding. */
const decode = (text: string, encoding: QueueOptions['messageEncoding']): string | undefined => {
  if (encoding === 'none') return text;
  return base64Pattern.test(text) ? Buffer.from(text, 'base64').toString() : undefined;
};

/** Returns the metadata of a queue trigger. */
const describeMessage = ({
  messageId,
  popReceipt,
  dequeueCount,
  insertedOn,
  expiresOn,
}: DequeuedMessageItem) => ({
  Id: { string: JSON.stringify(messageId) },
  PopReceipt: { string: JSON.stringify(popReceipt) },
  DequeueCount: { json: String(dequeueCount) },
  InsertionTime: { json: JSON.stringify(insertedOn) },
  ExpirationTime: { json: JSON.stringify(expiresOn) },
});

/** Returns what went wrong, without the request, which contains a signature. */
const describe = (error: unknown): string => {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return String(code ?? message).split('\n', 1)[0] ?? '';
};

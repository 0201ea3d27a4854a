import type { QueueServiceClient } from '@azure/storage-queue';
import { attempt, unless } from './storage-error.ts';
import type { Queue } from './port.ts';

/** One queue of a storage account. Messages travel as base64, as Azure Functions expects them. */
export const queueOf = (service: QueueServiceClient, name: string): Queue => {
  const client = service.getQueueClient(name);
  return {
    send: (text) =>
      attempt(`send to queue ${name}`, async () => {
        await client.sendMessage(encoded(text), { messageTimeToLive: -1 });
      }),
    receive: (count, visibility) =>
      attempt(`receive from queue ${name}`, async () => {
        const { receivedMessageItems } = await client.receiveMessages({
          numberOfMessages: count,
          visibilityTimeout: visibility,
        });
        return receivedMessageItems.map(({ messageId, messageText, popReceipt, dequeueCount }) => ({
          id: messageId,
          text: decoded(messageText),
          receipt: popReceipt,
          deliveries: dequeueCount,
        }));
      }),
    renew: (message, visibility, text) =>
      unless(notOurs, undefined, `renew a message of queue ${name}`, async () => {
        const body = text === undefined ? undefined : encoded(text);
        const { popReceipt } = await client.updateMessage(message.id, message.receipt, body, visibility);
        if (popReceipt === undefined) throw new Error('the answer has no receipt');
        return { ...message, text: text ?? message.text, receipt: popReceipt };
      }),
    delete: (message) =>
      unless(notOurs, false, `delete a message of queue ${name}`, async () => {
        await client.deleteMessage(message.id, message.receipt);
        return true;
      }),
    length: () =>
      attempt(
        `count queue ${name}`,
        async () => (await client.getProperties()).approximateMessagesCount ?? 0,
      ),
  };
};

/** The message is gone (404), or its receipt is no longer the latest (400). */
const notOurs = [400, 404];

const encoded = (text: string): string => Buffer.from(text).toString('base64');

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text inside base64. What is no base64 of a text stays as it came, so that nothing is lost of a message we cannot read. */
const decoded = (raw: string): string => {
  const text = raw.trim();
  if (!base64.test(text)) return raw;
  try {
    return utf8.decode(Buffer.from(text, 'base64'));
  } catch {
    return raw;
  }
};

import type { QueueServiceClient } from '@azure/storage-queue';
import { callStorage, callStorageOnce, callStorageUnless } from './storage-error.ts';
import type { Queue } from './port.ts';

/** One queue of a storage account. Messages travel as base64, as Azure Functions expects them. */
export const createQueue = (service: QueueServiceClient, name: string): Queue => {
  const client = service.getQueueClient(name);
  return {
    send: (text) =>
      callStorage(`send to queue ${name}`, async () => {
        await client.sendMessage(encode(text), { messageTimeToLive: -1 });
      }),
    receive: (count, visibility) =>
      callStorageOnce(`receive from queue ${name}`, async () => {
        const { receivedMessageItems } = await client.receiveMessages({
          numberOfMessages: count,
          visibilityTimeout: visibility,
        });
        return receivedMessageItems.map(({ messageId, messageText, popReceipt, dequeueCount }) => ({
          id: messageId,
          text: decode(messageText),
          receipt: popReceipt,
          deliveries: dequeueCount,
        }));
      }),
    renew: (message, visibility, text) =>
      callStorageUnless(lostStatuses, undefined, `renew a message of queue ${name}`, async () => {
        const body = text === undefined ? undefined : encode(text);
        const { popReceipt } = await client.updateMessage(message.id, message.receipt, body, visibility);
        if (popReceipt === undefined) throw new Error('the answer has no receipt');
        return { ...message, text: text ?? message.text, receipt: popReceipt };
      }),
    delete: (message) =>
      callStorageUnless(lostStatuses, false, `delete a message of queue ${name}`, async () => {
        await client.deleteMessage(message.id, message.receipt);
        return true;
      }),
    length: () =>
      callStorage(
        `count queue ${name}`,
        async () => (await client.getProperties()).approximateMessagesCount ?? 0,
      ),
  };
};

/** The message is gone (404), or its receipt is no longer the latest (400). */
const lostStatuses = [400, 404];

const encode = (text: string): string => Buffer.from(text).toString('base64');

const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Decodes a text from base64. Anything else is returned unchanged, so that no part of an unreadable message is lost. */
const decode = (raw: string): string => {
  const text = raw.trim();
  if (!base64Pattern.test(text)) return raw;
  try {
    return utf8.decode(Buffer.from(text, 'base64'));
  } catch {
    return raw;
  }
};

import * as v from 'valibot';
import { sendToParent } from '../../runtime/lifecycle.ts';
import type { FlushStorage } from './durable-storage.ts';
import { FlushedMessage, type HostReport } from './ipc-messages.ts';

/** Returns a function that asks the parent to flush storage. It waits until storage is available. */
export const connectParentStorage = (): FlushStorage => {
  const waiting = new Map<number, (restarts: number) => void>();
  let count = 0;
  process.on('message', (message) => {
    if (!v.is(FlushedMessage, message)) return;
    waiting.get(message.id)?.(message.restarts);
    waiting.delete(message.id);
  });
  return () =>
    new Promise((resolve) => {
      const id = (count += 1);
      waiting.set(id, resolve);
      sendToParent({ kind: 'flush', id } satisfies HostReport);
    });
};

import { sleep } from '../../runtime/async/clock.ts';
import { resolvesWithin } from '../../runtime/async/timeout.ts';
import type { Logger } from '../../runtime/log.ts';
import { parseOutputPath, parseExitPath, parseGrantedPath } from '../../contracts/blob-paths.ts';
import { deliverEvents, type PostEvents } from './delivery.ts';
import { buildBlobCreatedEvent, type BlobCreatedEvent, type CreatedBlobInfo } from './blob-created-event.ts';

export { createQueuePost, createWebhookPost } from './delivery.ts';
export type { BlobCreatedEvent, CreatedBlobInfo } from './blob-created-event.ts';

export type EventRelayOptions = {
  /** Where events go: to a webhook, or to a queue. */
  post: PostEvents;
  /** The name of the storage account in events. */
  account: string;
  /** How long events are collected for one delivery. */
  groupMilliseconds?: number;
  /** For tests: creates the deliveries of a group. As Event Grid may, it can repeat, split, reorder and omit events. */
  arrange?: ((events: BlobCreatedEvent[]) => BlobCreatedEvent[][]) | undefined;
  log: Logger;
};

/** Stands in for Event Grid on Azure: reports new outputs, exit records and granted locks to the orchestrator. */
export type EventRelay = {
  /** Reports a created blob. Irrelevant blobs are ignored. */
  created(blob: CreatedBlobInfo): void;
  /** Attempts to deliver the remaining events, and stops. Events are hints: a listing finds what lost events would have reported. */
  close(): Promise<void>;
};

const maxGroup = 1_000;
/** If more events wait, the oldest are dropped: the handler has not accepted any for a long time. */
const maxWaiting = 50_000;
const closeMilliseconds = 1_000;

/**
 * Starts the relay. Events are collected in groups: the first event opens a group, which is sent after `groupMilliseconds`. During a
 * delivery, the next group grows, so a busy handler gets fewer and larger deliveries.
 */
export const startEventRelay = (options: EventRelayOptions): EventRelay => {
  const { post, account, log, groupMilliseconds = 150, arrange = (events) => [events] } = options;
  const closing = new AbortController();
  const stopped = new AbortController();
  const waiting: BlobCreatedEvent[] = [];
  let sequence = 0;
  let sending: Promise<void> | undefined;

  const send = async (): Promise<void> => {
    while (waiting.length > 0) {
      await sleep(groupMilliseconds, { signal: closing.signal });
      for (const events of arrange(waiting.splice(0, maxGroup)))
        await deliverEvents(post, events, log, stopped.signal);
    }
    sending = undefined;
  };
  return {
    created: (blob) => {
      if (closing.signal.aborted || !isRelevant(blob.path)) return;
      sequence += 1;
      waiting.push(buildBlobCreatedEvent(account, blob, sequence));
      if (waiting.length > maxWaiting) waiting.shift();
      sending ??= send();
    },
    close: async () => {
      closing.abort();
      if (sending && !(await resolvesWithin(closeMilliseconds, sending))) stopped.abort();
      await sending;
    },
  };
};

const isRelevant = (path: string): boolean =>
  [parseOutputPath, parseExitPath, parseGrantedPath].some((named) => named(path) !== undefined);

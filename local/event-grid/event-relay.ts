import { sleep } from '../../runtime/async/clock.ts';
import { resolvesWithin } from '../../runtime/async/timeout.ts';
import type { Logger } from '../../runtime/log.ts';
import { parseOutputPath, parseExitPath, parseGrantedPath } from '../../contracts/blob-paths.ts';
import { deliverEvents, createPost } from './delivery.ts';
import { buildBlobCreatedEvent, type BlobCreatedEvent, type CreatedBlobInfo } from './blob-created-event.ts';

export type { BlobCreatedEvent, CreatedBlobInfo } from './blob-created-event.ts';

export type EventRelayOptions = {
  /** The handler, such as `…/runtime/webhooks/eventgrid?functionName=ComputeComplete`. */
  url: string;
  /** The system key that opens it. */
  key: string;
  /** The storage account's name, as it stands in events. */
  account: string;
  /** How long events are gathered for one delivery. */
  groupMilliseconds?: number;
  /** For tests: makes the deliveries out of a group; as Event Grid may, it repeats, splits, shuffles and leaves out. */
  arrange?: ((events: BlobCreatedEvent[]) => BlobCreatedEvent[][]) | undefined;
  log: Logger;
};

/** Does what Event Grid does on Azure: tells the orchestrator of new outputs, exit records and locks that jobs got. */
export type EventRelay = {
  /** A blob was created; any blob may be told. */
  created(blob: CreatedBlobInfo): void;
  /** Makes a last try with what is left, and stops. Events are hints: those that are lost are found by a listing. */
  close(): Promise<void>;
};

const maxGroup = 1_000;
/** Beyond this the oldest are dropped: nobody has taken any for a long time. */
const maxWaiting = 50_000;
const closeMilliseconds = 1_000;

/**
 * Starts the relay. Events are gathered into groups: the first opens a group, which goes out after `groupMilliseconds`; while
 * a delivery is under way the next group grows. So a handler that is busy gets fewer, larger deliveries.
 */
export const startEventRelay = (options: EventRelayOptions): EventRelay => {
  const { url, key, account, log, groupMilliseconds = 150, arrange = (events) => [events] } = options;
  const post = createPost(url, key);
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

import type { Logger } from '../../../runtime/log.ts';
import { eventQueue, poisonEventQueue } from '../../../contracts/blob-paths.ts';
import type { Blobs, Queue } from '../../storage/port.ts';
import type { EventFunction, QueueFunction } from '../durable.ts';
import { readEventMessage } from './event-message.ts';
import { raiseEvents } from './raise-events.ts';
import { readEvent } from './storage-event.ts';

/** `ComputeComplete`: notifies jobs of the created blobs that Event Grid reports to its trigger. It ignores what is not an event. */
export const computeComplete = ({ blobs }: { blobs: Blobs }): EventFunction => ({
  name: 'ComputeComplete',
  handle: (events, client) =>
    raiseEvents(
      events.map((event) => readEvent(event)).filter((event) => event !== undefined),
      client,
      blobs,
    ),
});

/**
 * `ComputeCompleteFromQueue`: notifies jobs of the created blobs that Event Grid reports to a storage queue. It moves what is not an event
 * to the poison queue, after the events of the same message: if it cannot raise them, the host delivers the whole message again, and
 * after its last attempt moves all of it to the same poison queue.
 */
export const computeCompleteFromQueue = ({
  blobs,
  poison,
  log,
}: {
  blobs: Blobs;
  poison: Pick<Queue, 'send'>;
  log: Logger;
}): QueueFunction => ({
  name: 'ComputeCompleteFromQueue',
  queue: eventQueue,
  connection: 'COXSWAIN_EVENTS',
  handle: async (message, client) => {
    const { events, rejected } = readEventMessage(message);
    await raiseEvents(events, client, blobs);
    for (const text of rejected) await poison.send(text);
    if (rejected.length > 0)
      log.warn(
        { queue: poisonEventQueue, count: rejected.length },
        'moved messages that are not events to the poison queue',
      );
  },
});

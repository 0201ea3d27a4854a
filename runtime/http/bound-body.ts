import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasBody, lingerMilliseconds } from './answer.ts';
import { Pace, systemClock, type Clock } from './pace.ts';

/** How often a body that somebody else reads is looked at, in milliseconds. */
const lookMilliseconds = 1_000;

/**
 * Bounds the body of a request whose listener is not ours and reads it by itself: a sender that is too slow (see `Pace`) is cut, and so
 * is one that goes on for 2 s after its answer. One that `Expect`s an answer first is told to send its body.
 */
export const boundBody = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  clock: Clock = systemClock,
): void => {
  if (incoming.headers.expect !== undefined) outgoing.writeContinue();
  if (!hasBody(incoming)) return;
  const { socket } = incoming;
  const cut = (): void => void socket.destroy();
  const pace = new Pace(clock, cut);
  let seen = socket.bytesRead;
  const look = (): void => {
    if (incoming.complete) return end();
    const bytes = socket.bytesRead - seen;
    seen += bytes;
    // What lies here unread waits for the listener, and not for its sender.
    if (incoming.readableLength > 0) pace.waive(lookMilliseconds);
    else if (bytes > 0) pace.moved(bytes);
    cancel = clock.after(lookMilliseconds, look);
  };
  let cancel = clock.after(lookMilliseconds, look);
  const end = (): void => {
    pace.end();
    cancel();
    socket.off('close', end);
  };
  socket.once('close', end);
  incoming.once('end', end);
  outgoing.once('finish', () => {
    end();
    if (incoming.complete) return;
    cancel = clock.after(lingerMilliseconds, () => (incoming.complete ? end() : cut()));
    socket.once('close', end);
  });
};

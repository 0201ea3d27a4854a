import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasBody, lingerMilliseconds } from './send-response.ts';
import { systemClock, type Clock } from '../async/clock.ts';
import { TransferMonitor } from './transfer-monitor.ts';

/** The interval in which a body that another listener reads is checked, in milliseconds. */
const checkMilliseconds = 1_000;

/**
 * Limits the body of a request whose listener is not ours and reads the body itself: the connection is closed if the client is too
 * slow (see `TransferMonitor`), or sends for more than 2 s after its answer. A client that sent `Expect` is asked to send its body.
 */
export const limitBody = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  clock: Clock = systemClock,
): void => {
  if (incoming.headers.expect !== undefined) outgoing.writeContinue();
  if (!hasBody(incoming)) return;
  const { socket } = incoming;
  const cut = (): void => void socket.destroy();
  const pace = new TransferMonitor(clock, cut);
  let seen = socket.bytesRead;
  const check = (): void => {
    if (incoming.complete) return end();
    const bytes = socket.bytesRead - seen;
    seen += bytes;
    // Unread data waits for the listener, not for the client.
    if (incoming.readableLength > 0) pace.waive(checkMilliseconds);
    else if (bytes > 0) pace.record(bytes);
    cancel = clock.after(checkMilliseconds, check);
  };
  let cancel = clock.after(checkMilliseconds, check);
  const end = (): void => {
    pace.stop();
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

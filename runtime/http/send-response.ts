import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from 'node:http';
import type { Clock } from '../async/clock.ts';
import { TransferMonitor } from './transfer-monitor.ts';

/** An answer to send. `headers`: alternating names and values. */
export type RawResponse = { status: number; headers: readonly string[]; body: Buffer };

/** How long an unwanted body is discarded, in milliseconds, because a client that is still sending would not see the answer. */
export const lingerMilliseconds = 2_000;
/** Larger answers are sent in pieces of this size, in bytes, as fast as the client reads. */
const pieceBytes = 64 * 1024;

/** Returns whether a request has a body. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/**
 * Sends an answer. If the request's body was not read, the rest is discarded for a while, and then the connection is closed.
 * @param lingers false closes the connection of a rejected sender at once
 */
export const sendResponse = async (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { status, headers, body }: RawResponse,
  { clock, lingers = true }: { clock: Clock; lingers?: boolean },
): Promise<void> => {
  const isUnread = hasBody(incoming) && !incoming.complete;
  const isEmpty = status === 204 || status === 304 || (incoming.method === 'HEAD' && body.length === 0);
  const all: OutgoingHttpHeader[] = [...headers];
  if (!isEmpty && !headers.includes('content-length')) all.push('content-length', String(body.length));
  if (isUnread) all.push('connection', 'close');
  outgoing.writeHead(status, all as string[]);
  if (isUnread && lingers && incoming.headers.expect === undefined) {
    outgoing.write(body.length === 0 || isEmpty ? '' : body);
    await discard(incoming, clock);
    outgoing.end();
  } else await writeAll(outgoing, isEmpty ? Buffer.alloc(0) : body, clock);
};

const discard = async (incoming: IncomingMessage, clock: Clock): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(lingerMilliseconds, resolve);
  incoming.once('end', resolve).once('close', resolve).resume();
  if (incoming.destroyed) resolve();
  await promise;
  cancel();
  incoming.off('end', resolve).off('close', resolve);
};

/** Sends an answer, and closes the connection if the client reads too slowly. */
const writeAll = async (outgoing: ServerResponse, body: Buffer, clock: Clock): Promise<void> => {
  if (body.length <= pieceBytes || outgoing.req.method === 'HEAD') return void outgoing.end(body);
  const pace = new TransferMonitor(clock, () => outgoing.destroy());
  for (let at = 0; at < body.length && !outgoing.destroyed; at += pieceBytes) {
    const piece = body.subarray(at, at + pieceBytes);
    if (!outgoing.write(piece)) await waitForDrain(outgoing);
    pace.record(piece.length);
  }
  pace.stop();
  outgoing.end();
};

/** Resolves when the client has read what was written, or the connection is closed. */
export const waitForDrain = async (outgoing: ServerResponse): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  outgoing.once('drain', resolve).once('close', resolve);
  if (outgoing.destroyed) resolve();
  await promise;
  outgoing.off('drain', resolve).off('close', resolve);
};

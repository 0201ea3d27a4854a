import type { ServerResponse } from 'node:http';
import type { Clock } from '../async/clock.ts';
import { waitForDrain } from './send-response.ts';

/** An answer that is sent while its body is made. */
export type StreamedResponse = {
  status: number;
  headers: readonly string[];
  body: ReadableStream<Uint8Array>;
};

/** How long a client can take to read the rest of a stream that has ended, in milliseconds. */
const graceMilliseconds = 10_000;

/** Returns whether an answer is a stream of events, which is sent event by event instead of as a whole. */
export const isEventStream = (response: Response): response is Response & { body: ReadableStream } =>
  response.body !== null && /^text\/event-stream\b/.test(response.headers.get('content-type') ?? '');

/**
 * Sends a stream as fast as its client reads, and holds one chunk of it. The stream is canceled if the client disconnects or the server
 * closes. The connection is closed if the stream fails, or if the client has not read the rest 10 s after the end. Streams have no
 * minimum rate, because silence is normal for them; each must end by itself.
 * @throws the error of a stream that fails
 */
export const sendStream = async (
  outgoing: ServerResponse,
  { status, headers, body }: StreamedResponse,
  clock: Clock,
): Promise<void> => {
  const source = body.getReader();
  const cancel = (): void => void source.cancel().catch(() => {});
  const destroy = (): void => void outgoing.destroy();
  const startGrace = (): void => {
    if (!outgoing.closed) outgoing.once('close', clock.after(graceMilliseconds, destroy));
  };
  source.closed.then(startGrace, destroy);
  outgoing.once('close', cancel);
  outgoing.writeHead(status, [...headers]);
  outgoing.flushHeaders();
  if (outgoing.destroyed) cancel();
  for (;;) {
    const { done, value } = await source.read();
    if (done || outgoing.destroyed) break;
    if (!outgoing.write(value)) await waitForDrain(outgoing);
  }
  outgoing.off('close', cancel);
  if (outgoing.destroyed) cancel();
  outgoing.end();
  // Rejects if the stream has failed.
  await source.closed;
};

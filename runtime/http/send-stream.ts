import type { ServerResponse } from 'node:http';
import { waitForDrain } from './send-response.ts';

/** An answer that is sent while its body is made. */
export type StreamedResponse = {
  status: number;
  headers: readonly string[];
  body: ReadableStream<Uint8Array>;
};

/** Returns whether an answer is a stream of events, which is sent event by event instead of as a whole. */
export const isEventStream = (response: Response): response is Response & { body: ReadableStream } =>
  response.body !== null && /^text\/event-stream\b/.test(response.headers.get('content-type') ?? '');

/**
 * Sends a stream as fast as its client reads, and holds one chunk of it. The stream is canceled if the client disconnects or the server
 * closes. The connection is closed if the stream fails, also while the client does not read. Streams have no minimum rate, because
 * silence is normal for them; each must end by itself.
 * @throws the error of a stream that fails
 */
export const sendStream = async (
  outgoing: ServerResponse,
  { status, headers, body }: StreamedResponse,
): Promise<void> => {
  const source = body.getReader();
  const cancel = (): void => void source.cancel().catch(() => {});
  const destroy = (): void => void outgoing.destroy();
  source.closed.catch(destroy);
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

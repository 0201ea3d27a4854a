import { request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';

/**
 * Sends a PUT request, and returns the answer without its body. The next chunk is requested when the last one has been written, so all
 * chunks can share one buffer. `fetch` needs a new buffer for each chunk, and V8 frees these so late that a large body is in memory as
 * a whole.
 * @throws the system's error, the error of the body, or an AbortError
 */
export const putStream = async (
  url: string,
  headers: Record<string, string>,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<Response> => {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  const outgoing = request(url, { method: 'PUT', headers, signal });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve).on('error', reject);
  });
  void writeBody(outgoing, body).catch((error: Error) => outgoing.destroy(error));
  const incoming = await answer;
  incoming.on('error', () => {}).resume();
  // Storage can refuse a request before it has received the body.
  if (!outgoing.writableFinished) outgoing.destroy();
  return new Response(null, {
    status: incoming.statusCode ?? 500,
    headers: Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
      values.map((value): [string, string] => [name, value]),
    ),
  });
};

const writeBody = async (outgoing: ClientRequest, body: AsyncIterable<Uint8Array>): Promise<void> => {
  for await (const chunk of body)
    await new Promise<void>((resolve, reject) => {
      outgoing.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  outgoing.end();
};

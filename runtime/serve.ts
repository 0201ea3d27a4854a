import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** A listening HTTP server. */
export type Served = { port: number; url: string; close: () => Promise<void> };

/** A port somebody else listens on. Its message is for the person who chose the port. */
export class PortInUse extends Error {
  override name = 'PortInUse';
  constructor(port: number, what: string, options?: ErrorOptions) {
    super(
      `Port ${port}, meant for ${what}, is in use. Stop what listens there, or choose another with --port (0: any free ports).`,
      options,
    );
  }
}

export type ServeOptions = { what: string; port: number; host?: string };

/**
 * Listens with a Node request listener. Closing ends open connections too.
 * @throws PortInUse
 */
export const listen = async (
  listener: RequestListener,
  { what, port, host = '127.0.0.1' }: ServeOptions,
): Promise<Served> => {
  const server = createServer(listener);
  // An idle SSE stream or a keep-alive connection must not hold up the end.
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await listening(server, port, host, what);
  const { port: bound } = server.address() as AddressInfo;
  return { port: bound, url: `http://${host}:${bound}`, close };
};

const listening = (server: Server, port: number, host: string, what: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(cause.code === 'EADDRINUSE' ? new PortInUse(port, what, { cause }) : cause),
    );
    server.listen(port, host, resolve);
  });

/** The largest body `serve` reads, in bytes. */
const bodyLimit = 25 * 1024 * 1024;

/** A Node request listener over a web-standard handler. A handler that throws is answered 500, after `onFault`. */
export const webListener =
  (handler: (request: Request) => Promise<Response>, onFault: (error: unknown) => void): RequestListener =>
  (incoming, outgoing) => {
    answer(handler, incoming, outgoing).catch((error: unknown) => {
      onFault(error);
      if (!outgoing.headersSent) outgoing.writeHead(500, { 'content-type': 'application/json' });
      outgoing.end(
        '{"error":{"code":"internal","message":"The request failed on our side; the log says why."}}',
      );
    });
  };

const answer = async (
  handler: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> => {
  const body = await bodyOf(incoming);
  const url = `http://${incoming.headers.host ?? 'localhost'}${incoming.url ?? '/'}`;
  const headers = Object.entries(incoming.headers).map(([key, value]): [string, string] => [
    key,
    String(value),
  ]);
  const hasBody = incoming.method !== 'GET' && incoming.method !== 'HEAD';
  const request = new Request(url, {
    method: incoming.method ?? 'GET',
    headers,
    ...(hasBody ? { body } : {}),
  });
  const response = await handler(request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
};

const bodyOf = async (incoming: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyLimit) throw new Error(`The request's body is larger than ${bodyLimit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

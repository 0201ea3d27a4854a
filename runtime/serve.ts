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

/** The largest body that is read, in bytes. */
const bodyLimit = 25 * 1024 * 1024;

/**
 * A Node request listener over a web-standard handler. A handler that throws is answered 500, after `onFault`; a body that is
 * too large 413, an address that is none 400.
 */
export const webListener =
  (handler: (request: Request) => Promise<Response>, onFault: (error: unknown) => void): RequestListener =>
  (incoming, outgoing) => {
    answer(handler, incoming, outgoing).catch((error: unknown) => {
      onFault(error);
      if (outgoing.headersSent) outgoing.destroy();
      else refuse(outgoing, 500, 'internal', 'The request failed on our side; the log says why.');
    });
  };

const answer = async (
  handler: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> => {
  const url = `http://${incoming.headers.host ?? 'localhost'}${incoming.url ?? '/'}`;
  if (!URL.canParse(url)) return refuse(outgoing, 400, 'invalid-address', 'The address is not valid.');
  const body = await bodyOf(incoming);
  if (!body) {
    incoming.resume();
    return refuse(outgoing, 413, 'too-large', `The body is larger than ${bodyLimit} bytes.`);
  }
  const response = await handler(requestOf(url, incoming, body));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
};

const requestOf = (url: string, { method = 'GET', headers }: IncomingMessage, body: Buffer): Request => {
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(url, {
    method,
    headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
    ...(hasBody ? { body } : {}),
  });
};

/** Answers in the error form of the HTTP API, and takes no more requests on this connection. */
const refuse = (outgoing: ServerResponse, status: number, code: string, message: string): void => {
  outgoing.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  outgoing.end(JSON.stringify({ error: { code, field: null, message, expected: null, received: null } }));
};

/** Undefined: it is too large. */
const bodyOf = async (incoming: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // To leave the loop early must not take the connection down: there is an answer to give.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyLimit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

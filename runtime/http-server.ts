import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hasBody, sendAnswer } from './http/send-response.ts';
import { limitedServer, type ServerLimits } from './http/limited-server.ts';
import { systemClock, type Clock } from './http/transfer-monitor.ts';
import { refuse } from './http/refuse.ts';
import { addressOf } from './http/request-problem.ts';
import { UploadError, Uploads } from './http/uploads.ts';
import { UserFacingError } from './user-facing-error.ts';

/** A listening HTTP server. */
export type Served = { port: number; url: string; close: () => Promise<void> };

/** A port somebody else listens on. Its message is for the person who chose the port. */
export class PortInUse extends UserFacingError {
  override name = 'PortInUse';
  constructor(port: number, what: string, options?: ErrorOptions) {
    super(
      `Port ${port}, meant for ${what}, is in use. Stop what listens there, or choose another with --port (0: any free ports).`,
      options,
    );
  }
}

export type ServeOptions = { what: string; port: number; host?: string } & ServerLimits;

/**
 * Listens with a Node request listener, which receives only requests with a valid method, target and `Host`. The server disconnects
 * clients that send headers too slowly, do not read answers, or have too many connections or requests. The listener must limit bodies,
 * with `Uploads`. Closing also ends open connections.
 * @throws PortInUse
 */
export const listen = async (
  listener: RequestListener,
  { what, port, host = '127.0.0.1', ...limits }: ServeOptions,
): Promise<Served> => {
  const server = limitedServer(listener, limits);
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

export type WebListenerOptions = {
  /** The maximum size of a body, in bytes. */
  maxBodyBytes?: number;
  /** The bodies in transit; this listener's own by default. */
  uploads?: Uploads;
  clock?: Clock;
};

/** The default limits of one body, and of all bodies in transit, in bytes. */
const usualBody = 25 * 1024 * 1024;
const usualBounds = { maxTotalBytes: 256 * 1024 * 1024, maxUploads: 1_500 };

/**
 * Returns a Node request listener for a web-standard handler. The body is read only when the handler asks for it, so the handler can
 * check the headers first. If the handler throws, the listener calls `onFault` and answers 500. It answers 413 to a body that is too
 * large and 408 to one that is too slow, whatever the handler does.
 */
export const webListener = (
  handler: (request: Request, incoming: IncomingMessage) => Promise<Response>,
  onFault: (error: unknown) => void,
  {
    maxBodyBytes = usualBody,
    clock = systemClock,
    uploads = new Uploads(usualBounds, clock),
  }: WebListenerOptions = {},
): RequestListener => {
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    let fault: UploadError | undefined;
    const bodyOf = async (): Promise<Buffer> => {
      try {
        return await uploads.read(incoming, outgoing, maxBodyBytes);
      } catch (error) {
        if (error instanceof UploadError) fault = error;
        throw error;
      }
    };
    const response = await handler(requestOf(incoming, bodyOf), incoming).catch((error: unknown) => {
      if (!fault) throw error;
      return undefined;
    });
    if (fault || !response) return refuse(incoming, outgoing, fault ?? internal, clock);
    const headers = [...response.headers].flat();
    const body = Buffer.from(await response.arrayBuffer().catch(cutting(outgoing)));
    await sendAnswer(incoming, outgoing, { status: response.status, headers, body }, { clock });
  };
  return (incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => {
      onFault(error);
      if (outgoing.headersSent || outgoing.destroyed) outgoing.destroy();
      else void refuse(incoming, outgoing, internal, clock);
    });
  };
};

/** Sends an answer, and closes the connection if the answer breaks off. */
const cutting =
  (outgoing: ServerResponse) =>
  (error: unknown): never => {
    outgoing.destroy();
    throw error;
  };

const internal = {
  status: 500,
  code: 'internal',
  message: 'The server failed to handle the request. See its log for details.',
};

/** Returns the request for the handler, with a body that is read on demand. */
const requestOf = (incoming: IncomingMessage, bodyOf: () => Promise<Buffer>): Request => {
  const { method = 'GET', headers } = incoming;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (stream) => {
        stream.enqueue(await bodyOf());
        stream.close();
      },
    },
    { highWaterMark: 0 },
  );
  return new Request(addressOf(incoming), {
    method,
    headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
    ...(hasBody(incoming) && method !== 'GET' && method !== 'HEAD' ? { body, duplex: 'half' as const } : {}),
  });
};

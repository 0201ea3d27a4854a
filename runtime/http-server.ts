import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hasBody, sendResponse } from './http/send-response.ts';
import { createLimitedServer, type ServerLimits } from './http/limited-server.ts';
import { systemClock, type Clock } from './async/clock.ts';
import { refuse } from './http/refuse.ts';
import { getRequestUrl } from './http/request-problem.ts';
import { isEventStream, sendStream } from './http/send-stream.ts';
import { UploadError, Uploads } from './http/uploads.ts';
import { toUrlHost } from './http/url-host.ts';
import { UserFacingError } from './user-facing-error.ts';

/** A listening HTTP server. `url`: where this machine reaches it. */
export type RunningServer = { port: number; url: string; close: () => Promise<void> };

/** Another process listens on the port. The message is for the person who chose the port. */
export class PortInUseError extends UserFacingError {
  override name = 'PortInUseError';
  constructor(port: number, what: string, options?: ErrorOptions) {
    super(
      `Port ${port} for ${what} is in use. Stop the program that uses it, or choose another port with --port (0: any free ports).`,
      options,
    );
  }
}

/** The hosts with which a server listens on all addresses: of IPv4 and, where it exists, IPv6; of IPv4. */
const [anyAddress, anyIpv4Address] = ['::', '0.0.0.0'] as const;
const loopback = '127.0.0.1';

type ListenOptions = { what: string; port: number; host?: string } & ServerLimits;

/**
 * Listens with a Node request listener, which receives only requests with a valid method, target and `Host`. The server disconnects
 * clients that send headers too slowly, do not read answers, or have too many connections or requests. The listener must limit bodies,
 * with `Uploads`. Closing also ends open connections.
 * @throws PortInUseError
 */
export const listen = async (
  listener: RequestListener,
  { what, port, host = loopback, ...limits }: ListenOptions,
): Promise<RunningServer> => {
  const server = createLimitedServer(listener, limits);
  // An idle event stream or a keep-alive connection must not delay the end.
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await startListening(server, port, host, what);
  const { port: bound } = server.address() as AddressInfo;
  return { port: bound, url: `http://${toReachableHost(host)}:${bound}`, close };
};

/** Returns the host of URLs for a server. No client connects to `::` on a machine without IPv6. */
const toReachableHost = (host: string): string =>
  host === anyAddress || host === anyIpv4Address ? loopback : toUrlHost(host);

const startListening = (server: Server, port: number, host: string, what: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(cause.code === 'EADDRINUSE' ? new PortInUseError(port, what, { cause }) : cause),
    );
    // Without an address, Node listens on all: on `::` for IPv6 and IPv4, or on 0.0.0.0 where there is no IPv6.
    server.listen(port, host === anyAddress ? undefined : host, resolve);
  });

type WebListenerOptions = {
  /** The maximum size of a body, in bytes. */
  maxBodyBytes?: number;
  /** The bodies in transit; this listener's own by default. */
  uploads?: Uploads;
  clock?: Clock;
};

/** The default limits of one body, and of all bodies in transit, in bytes. */
const defaultMaxBodyBytes = 25 * 1024 * 1024;
const defaultUploadLimits = { maxTotalBytes: 256 * 1024 * 1024, maxUploads: 1_500 };

/**
 * Returns a Node request listener for a web-standard handler. The body is read only when the handler asks for it, so the handler can
 * check the headers first. If the handler throws, the listener calls `onFault` and answers 500. It answers 413 to a body that is too
 * large and 408 to one that is too slow, whatever the handler does. It sends a stream of events as it is made, and any other answer as a
 * whole.
 */
export const createWebListener = (
  handler: (request: Request, incoming: IncomingMessage) => Promise<Response>,
  onFault: (error: unknown) => void,
  {
    maxBodyBytes = defaultMaxBodyBytes,
    clock = systemClock,
    uploads = new Uploads(defaultUploadLimits, clock),
  }: WebListenerOptions = {},
): RequestListener => {
  const respond = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    let fault: UploadError | undefined;
    const readBody = async (): Promise<Buffer> => {
      try {
        return await uploads.read(incoming, outgoing, maxBodyBytes);
      } catch (error) {
        if (error instanceof UploadError) fault = error;
        throw error;
      }
    };
    const response = await handler(toRequest(incoming, readBody), incoming).catch((error: unknown) => {
      if (!fault) throw error;
      return undefined;
    });
    if (fault || !response) return refuse(incoming, outgoing, fault ?? internalError, clock);
    const headers = [...response.headers].flat();
    if (isEventStream(response))
      return sendStream(outgoing, { status: response.status, headers, body: response.body }, clock);
    const body = Buffer.from(await response.arrayBuffer().catch(destroyAndRethrow(outgoing)));
    await sendResponse(incoming, outgoing, { status: response.status, headers, body }, { clock });
  };
  return (incoming, outgoing) => {
    respond(incoming, outgoing).catch((error: unknown) => {
      onFault(error);
      if (outgoing.headersSent || outgoing.destroyed) outgoing.destroy();
      else void refuse(incoming, outgoing, internalError, clock);
    });
  };
};

/** Sends an answer, and closes the connection if the answer breaks off. */
const destroyAndRethrow =
  (outgoing: ServerResponse) =>
  (error: unknown): never => {
    outgoing.destroy();
    throw error;
  };

const internalError = {
  status: 500,
  code: 'internal',
  message: 'The server failed to handle the request. See its log for details.',
};

/** Returns the request for the handler, with a body that is read on demand. */
const toRequest = (incoming: IncomingMessage, readBody: () => Promise<Buffer>): Request => {
  const { method = 'GET', headers } = incoming;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (stream) => {
        stream.enqueue(await readBody());
        stream.close();
      },
    },
    { highWaterMark: 0 },
  );
  return new Request(getRequestUrl(incoming), {
    method,
    headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
    ...(hasBody(incoming) && method !== 'GET' && method !== 'HEAD' ? { body, duplex: 'half' as const } : {}),
  });
};

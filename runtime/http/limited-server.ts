import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { Connections, type ConnectionLimits } from './connections.ts';
import { refuse } from './refuse.ts';
import { allowedMethods, findRequestProblem } from './request-problem.ts';

export type ServerLimits = {
  /** The timeout for the headers of a request, in milliseconds. */
  headersMilliseconds?: number;
} & Partial<ConnectionLimits>;

/**
 * How much longer a connection stays open for another request than the server announces, in milliseconds. On a busy machine, a request
 * that the client sends in time can arrive late; if the connection is closed by then, the request fails.
 */
const reuseMilliseconds = 20_000;

/**
 * Returns a server that does not listen yet. Its listener receives only requests with a valid method, target and `Host`. The server
 * disconnects clients that send headers too slowly, do not read answers, or have too many connections or requests. The listener must
 * limit bodies, with `Uploads` or `limitBody`.
 */
export const createLimitedServer = (
  listener: RequestListener,
  {
    headersMilliseconds = 10_000,
    maxConnections = 3_000,
    maxPipelined = 16,
    idleMilliseconds = 10_000,
  }: ServerLimits = {},
): Server => {
  const server = createServer({
    keepAliveTimeoutBuffer: reuseMilliseconds,
    headersTimeout: headersMilliseconds,
    connectionsCheckingInterval: headersMilliseconds / 4,
    // A large body can take long if it arrives fast enough.
    requestTimeout: 0,
  });
  const connections = new Connections(server, { maxConnections, maxPipelined, idleMilliseconds });
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    if (!connections.begin(incoming.socket, outgoing)) return;
    const problem = findRequestProblem(incoming);
    if (problem) void refuse(incoming, outgoing, problem);
    else listener(incoming, outgoing);
  };
  // A client that sent `Expect` is asked to send its body when the listener reads it.
  server.on('request', handle).on('checkContinue', handle);
  server.on('connect', (_incoming: IncomingMessage, socket: Socket) => {
    socket.on('error', () => {});
    socket.end(
      `HTTP/1.1 405 Method Not Allowed\r\nAllow: ${allowedMethods}\r\nConnection: close\r\n\r\n`,
      () => socket.destroy(),
    );
  });
  return server;
};

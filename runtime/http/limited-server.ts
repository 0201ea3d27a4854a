import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { Connections, type ConnectionBounds } from './connections.ts';
import { refuse } from './refuse.ts';
import { allowedMethods, requestProblem } from './request-problem.ts';

export type ServerLimits = {
  /** How long the headers of a request may take, in milliseconds. */
  headersMilliseconds?: number;
} & Partial<ConnectionBounds>;

/**
 * Returns a server that does not listen yet. Its listener gets only requests with a valid method, target and `Host`. Clients that send
 * headers too slowly, read no answer or have too many connections or requests are cut; bodies are the listener's to bound, with
 * `Uploads` or `boundBody`.
 */
export const limitedServer = (
  listener: RequestListener,
  {
    headersMilliseconds = 10_000,
    maxConnections = 3_000,
    maxPipelined = 16,
    idleMilliseconds = 10_000,
  }: ServerLimits = {},
): Server => {
  const server = createServer({
    headersTimeout: headersMilliseconds,
    connectionsCheckingInterval: headersMilliseconds / 4,
    // A large body may take long, as long as it comes fast enough.
    requestTimeout: 0,
  });
  const connections = new Connections(server, { maxConnections, maxPipelined, idleMilliseconds });
  const take = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    if (!connections.begin(incoming.socket, outgoing)) return;
    const problem = requestProblem(incoming);
    if (problem) void refuse(incoming, outgoing, problem);
    else listener(incoming, outgoing);
  };
  // One that `Expect`s an answer before its body is told to send it once somebody wants the body.
  server.on('request', take).on('checkContinue', take);
  server.on('connect', (_incoming: IncomingMessage, socket: Socket) => {
    socket.on('error', () => {});
    socket.end(
      `HTTP/1.1 405 Method Not Allowed\r\nAllow: ${allowedMethods}\r\nConnection: close\r\n\r\n`,
      () => socket.destroy(),
    );
  });
  return server;
};

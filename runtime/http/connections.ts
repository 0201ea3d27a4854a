import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Limits of a server's connections. */
export type ConnectionLimits = {
  /**
   * Above this, the connection that has been idle longest is closed, or else one that still sends after its answer, or else the new
   * one.
   */
  maxConnections: number;
  /** The maximum number of concurrent requests per connection; only attackers send more. */
  maxPipelined: number;
  /** How long a connection can be idle, or not read any of an answer, in milliseconds. */
  idleMilliseconds: number;
};

const none: ReadonlySet<ServerResponse> = new Set();

/** The connections of a server, each with the answers to its current requests; the connections that are idle longest come first. */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #responses = new Map<Socket, ReadonlySet<ServerResponse>>();

  constructor(server: Server, bounds: ConnectionLimits) {
    this.#limits = bounds;
    server.on('connection', (socket: Socket) => this.#add(socket));
    server.setTimeout(bounds.idleMilliseconds);
    // Handlers can be slow and event streams silent, so only clients that do not read are disconnected.
    server.on('timeout', (socket: Socket) => {
      if (this.#isIdle(socket) || socket.writableLength > 0) socket.destroy();
    });
  }

  /** Records a request of a connection until its answer is sent. @returns false if the connection has too many, and was closed */
  begin(socket: Socket, outgoing: ServerResponse): boolean {
    const others = this.#getResponses(socket);
    if (others.size >= this.#limits.maxPipelined) {
      socket.destroy();
      return false;
    }
    this.#set(socket, others.union(new Set([outgoing])));
    outgoing.once('close', () =>
      this.#set(socket, this.#getResponses(socket).difference(new Set([outgoing]))),
    );
    return true;
  }

  #getResponses(socket: Socket): ReadonlySet<ServerResponse> {
    return this.#responses.get(socket) ?? none;
  }

  #isIdle(socket: Socket): boolean {
    return this.#getResponses(socket).size === 0;
  }

  /** Returns whether a connection has its answers, and is open only so that the client sees them while it is still sending. */
  #lingers(socket: Socket): boolean {
    return this.#getResponses(socket)
      .values()
      .every(({ headersSent, req }) => headersSent && !req.complete);
  }

  #add(socket: Socket): void {
    this.#responses.set(socket, none);
    socket.once('close', () => this.#responses.delete(socket));
    if (this.#responses.size <= this.#limits.maxConnections) return;
    const others = () => this.#responses.keys().filter((each) => each !== socket);
    const longest =
      others().find((each) => this.#isIdle(each)) ?? others().find((each) => this.#lingers(each)) ?? socket;
    longest.destroy();
    this.#responses.delete(longest);
  }

  /** Moves a changed connection to the end. */
  #set(socket: Socket, answers: ReadonlySet<ServerResponse>): void {
    if (!this.#responses.delete(socket)) return;
    this.#responses.set(socket, answers);
  }
}

import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Limits of a server's connections. */
export type ConnectionBounds = {
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
  readonly #bounds: ConnectionBounds;
  readonly #underWay = new Map<Socket, ReadonlySet<ServerResponse>>();

  constructor(server: Server, bounds: ConnectionBounds) {
    this.#bounds = bounds;
    server.on('connection', (socket: Socket) => this.#add(socket));
    server.setTimeout(bounds.idleMilliseconds);
    // Handlers can be slow and event streams silent, so only clients that do not read are disconnected.
    server.on('timeout', (socket: Socket) => {
      if (this.#isIdle(socket) || socket.writableLength > 0) socket.destroy();
    });
  }

  /** Records a request of a connection until its answer is sent. @returns false if the connection has too many, and was closed */
  begin(socket: Socket, outgoing: ServerResponse): boolean {
    const others = this.#answersOf(socket);
    if (others.size >= this.#bounds.maxPipelined) {
      socket.destroy();
      return false;
    }
    this.#set(socket, others.union(new Set([outgoing])));
    outgoing.once('close', () => this.#set(socket, this.#answersOf(socket).difference(new Set([outgoing]))));
    return true;
  }

  #answersOf(socket: Socket): ReadonlySet<ServerResponse> {
    return this.#underWay.get(socket) ?? none;
  }

  #isIdle(socket: Socket): boolean {
    return this.#answersOf(socket).size === 0;
  }

  /** Returns whether a connection has its answers, and is open only so that the client sees them while it is still sending. */
  #lingers(socket: Socket): boolean {
    return this.#answersOf(socket)
      .values()
      .every(({ headersSent, req }) => headersSent && !req.complete);
  }

  #add(socket: Socket): void {
    this.#underWay.set(socket, none);
    socket.once('close', () => this.#underWay.delete(socket));
    if (this.#underWay.size <= this.#bounds.maxConnections) return;
    const others = () => this.#underWay.keys().filter((each) => each !== socket);
    const longest =
      others().find((each) => this.#isIdle(each)) ?? others().find((each) => this.#lingers(each)) ?? socket;
    longest.destroy();
    this.#underWay.delete(longest);
  }

  /** Moves a changed connection to the end. */
  #set(socket: Socket, answers: ReadonlySet<ServerResponse>): void {
    if (!this.#underWay.delete(socket)) return;
    this.#underWay.set(socket, answers);
  }
}

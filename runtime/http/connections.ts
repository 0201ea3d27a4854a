import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Bounds of a server's connections. */
export type ConnectionBounds = {
  /** Beyond this, the connection that has been without a request for longest is cut, or else one that still sends after its answer. */
  maxConnections: number;
  /** Requests that one connection may have under way: more are sent only to flood us. */
  maxPipelined: number;
  /** How long a connection may be without a request, or not take any of an answer, in milliseconds. */
  idleMilliseconds: number;
};

const none: ReadonlySet<ServerResponse> = new Set();

/** The connections of a server, each with the answers to its requests under way; those longest without one come first. */
export class Connections {
  readonly #bounds: ConnectionBounds;
  readonly #underWay = new Map<Socket, ReadonlySet<ServerResponse>>();

  constructor(server: Server, bounds: ConnectionBounds) {
    this.#bounds = bounds;
    server.on('connection', (socket: Socket) => this.#add(socket));
    server.setTimeout(bounds.idleMilliseconds);
    // A handler may take its time, and a stream of events may be silent: only who does not read is cut.
    server.on('timeout', (socket: Socket) => {
      if (this.#isIdle(socket) || socket.writableLength > 0) socket.destroy();
    });
  }

  /** Notes a request of a connection until its answer is sent. @returns false if it had too many: then it is cut */
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

  /** Whether it has its answers, and is only kept so that it sees them before it has sent all. */
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
      others().find((each) => this.#isIdle(each)) ?? others().find((each) => this.#lingers(each));
    longest?.destroy();
    if (longest) this.#underWay.delete(longest);
  }

  /** What changes goes last. */
  #set(socket: Socket, answers: ReadonlySet<ServerResponse>): void {
    if (!this.#underWay.delete(socket)) return;
    this.#underWay.set(socket, answers);
  }
}

import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Bounds of a server's connections. */
export type ConnectionBounds = {
  /** Beyond this, the connection that has been without a request for longest is cut. */
  maxConnections: number;
  /** Requests that one connection may have under way: more are sent only to flood us. */
  maxPipelined: number;
  /** How long a connection may be without a request, or not take any of an answer, in milliseconds. */
  idleMilliseconds: number;
};

/** The connections of a server, each with the number of its requests under way; those longest without one come first. */
export class Connections {
  readonly #bounds: ConnectionBounds;
  readonly #underWay = new Map<Socket, number>();

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
    const count = (this.#underWay.get(socket) ?? 0) + 1;
    if (count > this.#bounds.maxPipelined) {
      socket.destroy();
      return false;
    }
    this.#set(socket, count);
    outgoing.once('close', () => this.#set(socket, (this.#underWay.get(socket) ?? 1) - 1));
    return true;
  }

  #isIdle(socket: Socket): boolean {
    return (this.#underWay.get(socket) ?? 0) === 0;
  }

  #add(socket: Socket): void {
    this.#underWay.set(socket, 0);
    socket.once('close', () => this.#underWay.delete(socket));
    if (this.#underWay.size <= this.#bounds.maxConnections) return;
    const longest = this.#underWay.keys().find((each) => this.#isIdle(each));
    longest?.destroy();
    if (longest) this.#underWay.delete(longest);
  }

  /** What changes goes last. */
  #set(socket: Socket, count: number): void {
    if (!this.#underWay.delete(socket)) return;
    this.#underWay.set(socket, count);
  }
}

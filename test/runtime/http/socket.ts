import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection on which a test writes what it likes; all that comes back is kept. */
export class RawConnection {
  readonly socket: Socket;
  text = '';
  #isClosed = false;
  #onChange: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1');
      this.#onChange();
    });
    socket.once('close', () => {
      this.#isClosed = true;
      this.#onChange();
    });
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  write(data: string | Buffer): Promise<void> {
    return new Promise((resolve) => void this.socket.write(data, () => resolve()));
  }

  /** Waits until what came back is as it should be, or the connection is closed. */
  async until(isRight: (text: string) => boolean): Promise<string> {
    while (!isRight(this.text) && !this.#isClosed)
      await new Promise<void>((resolve) => (this.#onChange = resolve));
    return this.text;
  }

  /** Waits until the other side closes it. @returns all that came back */
  closed(): Promise<string> {
    return this.until(() => false);
  }

  /** The statuses of all final answers so far. */
  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  }

  destroy(): void {
    this.socket.destroy();
  }
}

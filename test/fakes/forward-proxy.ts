import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** A forward proxy for names that only it can resolve, so that a call that reaches them went through it. */
export class ForwardProxy {
  /** The requested hosts, `host:port`, in order. */
  readonly requested: string[] = [];
  /** The local ports by name; it does not connect to other names. */
  readonly ports = new Map<string, number>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((incoming, response) => this.#forward(incoming, response))
    .on('connect', (incoming: IncomingMessage, socket: Socket) => this.#tunnel(incoming, socket))
    .on('connection', (socket: Socket) => this.#trackSocket(socket));

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  /** `host:port`. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #trackSocket(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket)).on('error', () => socket.destroy());
  }

  #getPort({ host, hostname }: URL, usual: string): number | undefined {
    this.requested.push(host === hostname ? `${host}:${usual}` : host);
    return this.ports.get(hostname);
  }

  /** `GET http://name/path`. */
  #forward(incoming: IncomingMessage, response: ServerResponse): void {
    const url = new URL(incoming.url ?? '');
    const port = this.#getPort(url, '80');
    if (port === undefined) {
      response.writeHead(502).end();
      return;
    }
    const { method, headers } = incoming;
    const path = `${url.pathname}${url.search}`;
    const onward = request({ host: '127.0.0.1', port, method, headers, path, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    incoming.pipe(onward);
  }

  /** `CONNECT name:port`. */
  #tunnel(incoming: IncomingMessage, socket: Socket): void {
    const port = this.#getPort(new URL(`http://${incoming.url}`), '80');
    if (port === undefined) {
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    this.#trackSocket(onward);
    socket.once('close', () => onward.destroy());
  }
}

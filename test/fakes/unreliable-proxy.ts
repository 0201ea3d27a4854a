import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A proxy to storage that drops connections and responses. */
export type UnreliableProxy = {
  /** Returns a link with the proxy's address. */
  rewrite(link: string): string;
  /** Drops all connections until `up`. */
  down(): void;
  up(): void;
  /** Returns how many connections it has refused. */
  countRefused(): number;
  /** Drops the next responses. Their requests are executed. */
  loseAnswers(count: number): void;
  close(): Promise<void>;
};

export const startUnreliableProxy = async (connectionString: string): Promise<UnreliableProxy> => {
  const target = Number(/BlobEndpoint=http:\/\/127\.0\.0\.1:(\d+)/.exec(connectionString)?.[1]);
  const open = new Set<Socket>();
  let isDown = false;
  let toLose = 0;
  let refused = 0;
  const server: Server = createServer((client) => {
    if (isDown) {
      refused += 1;
      return client.destroy();
    }
    const storage = connect(target, '127.0.0.1');
    for (const socket of [client, storage]) {
      open.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          open.delete(socket);
          client.destroy();
          storage.destroy();
        });
    }
    client.on('data', (chunk) => storage.write(toStorage(chunk)));
    storage.on('data', (chunk) => {
      if (toLose === 0) return client.write(chunk);
      toLose -= 1;
      return client.destroy();
    });
    return client;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  /** Replaces our address in a request's head, which arrives in one chunk: storage accepts only its own address. */
  const toStorage = (chunk: Buffer): Buffer =>
    Buffer.from(chunk.toString('latin1').replace(`127.0.0.1:${port}`, `127.0.0.1:${target}`), 'latin1');
  const cut = () => open.forEach((socket) => socket.destroy());
  return {
    rewrite: (link) => link.replace(`127.0.0.1:${target}`, `127.0.0.1:${port}`),
    down: () => {
      isDown = true;
      cut();
    },
    up: () => {
      isDown = false;
    },
    countRefused: () => refused,
    loseAnswers: (count) => {
      toLose = count;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
};

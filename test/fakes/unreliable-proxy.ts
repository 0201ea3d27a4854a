import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A way to storage on which things get lost. */
export type UnreliableProxy = {
  /** The same link, by this way. */
  rewrite(link: string): string;
  /** Nobody answers until `up`. */
  down(): void;
  up(): void;
  /** The next so many requests are carried out, but their answers get lost. */
  loseAnswers(count: number): void;
  close(): Promise<void>;
};

export const startUnreliableProxy = async (connectionString: string): Promise<UnreliableProxy> => {
  const target = Number(/BlobEndpoint=http:\/\/127\.0\.0\.1:(\d+)/.exec(connectionString)?.[1]);
  const open = new Set<Socket>();
  let isDown = false;
  let toLose = 0;
  const server: Server = createServer((client) => {
    if (isDown) return client.destroy();
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
  /** Storage answers only to its own address: the head of a request, which comes in one piece, names it in place of ours. */
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

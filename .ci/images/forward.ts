import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Releases } from '../../runtime/lifecycle.ts';

/** An address in a network namespace, and the port of this machine to which its connections go. */
export type Forward = { address: string; port: number; to: number };

/**
 * Passes on connections from inside a network namespace to servers that listen on this machine's 127.0.0.1. `releases` ends this. Unlike a
 * route to this machine, this leaves its own use of such an address alone, such as 169.254.169.254.
 */
export const forward = async (
  network: string,
  { address, port, to }: Forward,
  releases: Releases,
): Promise<void> => {
  const program = [process.execPath, join(import.meta.dirname, 'listen.ts'), address, String(port)];
  const child = spawn('ip', ['netns', 'exec', network, ...program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const server = await Promise.race([
    once(child, 'message').then(([, handle]) => handle as Server),
    ended.then(([code]) => {
      throw new Error(`cannot listen at ${address}:${port} in the network namespace: exited with ${code}`);
    }),
  ]);
  await ended;
  const sockets = new Set<Socket>();
  server.on('connection', (incoming: Socket) => {
    const outgoing = connect(to, '127.0.0.1');
    for (const [from, into] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(from);
      from.on('error', () => into.destroy()).once('close', () => sockets.delete(from));
      from.pipe(into);
    }
  });
  releases.add(`the forwarding of ${address}:${port}`, async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
};

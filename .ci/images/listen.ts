import { once } from 'node:events';
import { createServer } from 'node:net';

/*
 * `ip netns exec NETWORK node listen.ts ADDRESS PORT` listens in a network namespace, sends the listening socket to its parent, and exits. A
 * socket stays in the namespace in which it was created.
 */

const [, , address, port] = process.argv;
const server = createServer().listen(Number(port), address);
await once(server, 'listening');
process.send!('listening', server, {}, () => process.exit(0));

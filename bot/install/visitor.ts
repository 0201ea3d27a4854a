import type { IncomingMessage } from 'node:http';

const loopbackNames: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]', '::1']);

/** Whether a host, by name or address, is this machine itself. */
const isLoopback = (host: string): boolean => loopbackNames.has(host.toLowerCase());

/** Headers that tell of a proxy: who stands behind it may be anywhere. */
const forwarding = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
];

const hostPattern = /^(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i;

/** Somebody at the set-up page. `host`: as their browser names us. `isLocal`: they sit at this machine. */
export type Visitor = { host: string; isLocal: boolean };

/**
 * Who asks; undefined if the `Host` header is none. A page elsewhere that has its own name point to this machine (DNS rebinding)
 * is not local, for it cannot change that header.
 */
export const visitorOf = (request: IncomingMessage): Visitor | undefined => {
  const { headers, socket } = request;
  const [, name = '', port = ''] = hostPattern.exec(headers.host ?? '') ?? [];
  if (name === '') return undefined;
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const isLocal =
    (address === '::1' || address.startsWith('127.')) &&
    isLoopback(name) &&
    forwarding.every((header) => headers[header] === undefined);
  return { host: `${name}${port}`, isLocal };
};

import { createWebListener, listen } from '../../runtime/http-server.ts';
import type { Releases } from '../../runtime/lifecycle.ts';
import { allowLocalOnly } from '../../runtime/local-only.ts';
import type { Logger } from '../../runtime/log.ts';

type EarlyListenerOptions = { what: string; port: number; releases: Releases; log: Logger };

type Answer = (request: Request) => Promise<Response>;

/** A server whose address is needed before its handler exists. It answers 503 until `answer` sets the handler. */
export type EarlyListener = { url: string; port: number; answer: (answer: Answer) => void };

/** Listens on this machine. @throws PortInUseError */
export const listenEarly = async ({
  what,
  port,
  releases,
  log,
}: EarlyListenerOptions): Promise<EarlyListener> => {
  let current: Answer = async () => new Response('starting\n', { status: 503 });
  const listener = createWebListener(
    (request) => current(request),
    (error) => log.error({ err: error }, 'request failed'),
  );
  const server = await listen(allowLocalOnly(listener), { what, port });
  releases.add(what, server.close);
  return { url: server.url, port: server.port, answer: (answer) => void (current = answer) };
};

import type { Logger } from '../../runtime/log.ts';

/**
 * Forwards webhooks from a channel of smee.io, or of a compatible server, to a bot on a developer's machine, which GitHub cannot
 * reach. Returns a function that stops it.
 * @param target the URL at which the bot receives webhooks
 */
export const forwardWebhooks = async (
  { source, target }: { source: string; target: string },
  log: Logger,
): Promise<() => Promise<void>> => {
  // Loaded only in development.
  const { SmeeClient } = await import('smee-client');
  const client = new SmeeClient({
    source,
    target,
    // The log must not contain the channel's address: anyone who knows it can read and write the channel.
    logger: {
      info: () => log.debug('a webhook came from the channel'),
      error: () => log.warn('could not reach the webhook channel: retrying'),
    },
    fetch: fetchWithoutDispatcher,
  });
  // The client retries by itself, and has logged the error.
  client.start().catch(() => {});
  return () => client.stop();
};

/** Node's fetch, without the dispatcher of another undici version that the client passes. */
const fetchWithoutDispatcher = (
  url: string | URL,
  { dispatcher: _agent, ...init }: RequestInit & { dispatcher?: unknown },
) => fetch(url, init);

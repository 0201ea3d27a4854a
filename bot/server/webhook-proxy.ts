import type { Logger } from '../../runtime/log.ts';

/**
 * Fetches webhooks from a channel of smee.io, or of a server like it, and hands them to the bot: for a developer's machine, which
 * GitHub cannot reach. Returns what ends it.
 * @param target where the bot takes webhooks
 */
export const forwardWebhooks = async (
  { source, target }: { source: string; target: string },
  log: Logger,
): Promise<() => Promise<void>> => {
  // Only developers need to load it.
  const { SmeeClient } = await import('smee-client');
  const client = new SmeeClient({
    source,
    target,
    // Who knows the channel's address can read and write it.
    logger: {
      info: () => log.debug('a webhook came from the channel'),
      error: () => log.warn('the channel of webhooks is out of reach now'),
    },
    fetch: fetchWithoutDispatcher,
  });
  // It tries again by itself; the logger has told.
  client.start().catch(() => {});
  return () => client.stop();
};

/** Node's own, without the agent of another library's that the client asks for. */
const fetchWithoutDispatcher = (
  url: string | URL,
  { dispatcher: _agent, ...init }: RequestInit & { dispatcher?: unknown },
) => fetch(url, init);

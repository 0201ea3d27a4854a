import type { IncomingMessage, ServerResponse } from 'node:http';

import { getPeerUser } from '../../../runtime/peer-user.ts';
import { repositoryName } from '../accounts.ts';
import type { EmulatorServices } from '../services/services.ts';
import type { EmulatorStore } from '../store/store.ts';
import { hashCard } from './comment-card.ts';
import { loadThreadHeader, hashThreadHeader } from './thread-header.ts';
import type { BrowserSessions } from './sessions.ts';

/**
 * The versions of cards by comment id, null for a deleted one, and the version of the parts around them. `whole`: the list contains all
 * cards.
 */
type PageUpdate = { whole: boolean; cards: [id: number, version: string | null][]; overview: string };

const pathPattern = new RegExp(`^/${repositoryName}/issues/(\\d{1,15})/events$`);

/**
 * Returns a handler that notifies open pages of an issue of changes with server-sent events. The first event contains all versions, so
 * that a page that was disconnected (for example, by a restart) finds what it missed. Requests without a session are refused. The
 * handler returns false for other requests.
 */
export const createEventStream = (
  store: EmulatorStore,
  services: EmulatorServices,
  sessions: BrowserSessions,
) => {
  const getCardVersion = (id: number): string | null => {
    const comment = store.comments.get(id);
    return comment ? hashCard(comment, store.reactions.list(id)) : null;
  };
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const [, number] = pathPattern.exec(request.url ?? '') ?? [];
    const issue = number === undefined ? undefined : store.issues.get(Number(number));
    if (!issue || request.method !== 'GET') return false;
    if (!sessions.find(request.headers.cookie, () => getPeerUser(request.socket))) {
      response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' }).end('Signed out\n');
      return true;
    }
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    const overview = (): string => {
      const current = store.issues.get(issue.number) ?? issue;
      return hashThreadHeader(loadThreadHeader(store, current));
    };
    const send = (news: Omit<PageUpdate, 'overview'>) =>
      response.write(`data: ${JSON.stringify({ ...news, overview: overview() } satisfies PageUpdate)}\n\n`);
    response.write('retry: 1000\n');
    send({
      whole: true,
      cards: store.comments.list({ issue: issue.number }).map(({ id }) => [id, getCardVersion(id)]),
    });
    const unwatch = services.watch((change) => {
      if (change.issue !== issue.number) return;
      const { comment } = change;
      send({ whole: false, cards: comment === null ? [] : [[comment, getCardVersion(comment)]] });
    });
    response.once('close', unwatch);
    return true;
  };
};

import { isTooDeep } from '../../../runtime/json-depth.ts';
import { repositoryName } from '../accounts.ts';
import { badCredentials, notForApps, notFound, refusal, unlessKnown } from './responses.ts';
import { appRoutes } from './app.ts';
import type { Budget } from './rate-limit.ts';
import type { ApiHandler, Call, Desk } from './api-context.ts';
import { checkRoutes } from './checks.ts';
import { commentRoutes } from './comments.ts';
import { contentRoutes } from './contents.ts';
import type { Faults } from './fault-injection.ts';
import { gitRoutes } from './git.ts';
import { issueRoutes } from './issues.ts';
import { pullRoutes } from './pulls.ts';
import { reactionRoutes } from './reactions.ts';
import { repositoryRoutes } from './repository.ts';
import { teamRoutes } from './teams.ts';
import { matchRoute } from '../router.ts';
import type { Caller } from './tokens.ts';

/** The REST API, as far as the app and the people of the sandbox need it. `url` carries no prefix. */
export const apiOf = (desk: Desk, { budget, faults }: { budget: Budget; faults: Faults }) => {
  const routes = [
    ...commentRoutes(desk),
    ...issueRoutes(desk),
    ...reactionRoutes(desk),
    ...pullRoutes(desk),
    ...checkRoutes(desk),
    ...contentRoutes(desk),
    ...gitRoutes(desk),
    ...teamRoutes(desk),
    ...repositoryRoutes(desk),
    ...appRoutes(desk),
  ];
  const answered = async (request: Request, url: URL, caller: Caller): Promise<Response> => {
    const route = matchRoute(routes, request.method, url.pathname);
    if (isWrite(request) && isOnRepository(url) && desk.store.settings.archived())
      return refusal(403, 'Repository was archived so is read-only.');
    if (!route) return notFound();
    // Authenticate the sender before reading the body.
    const body = caller.kind === 'nobody' ? undefined : await bodyOf(request);
    if (body === unreadable) return refusal(400, 'Problems parsing JSON');
    const accept = request.headers.get('accept') ?? '';
    const via = caller.kind === 'account' ? caller.via : undefined;
    const call = { parameters: route.parameters, url: shownUrl(url, desk), body, accept, via };
    return unlessKnown(answer(route.handle, call, caller), request.headers.get('if-none-match'));
  };
  return async (request: Request, url: URL): Promise<Response> => {
    const caller = desk.tokens.callerOf(request.headers.get('authorization'));
    if (!caller) return badCredentials();
    if (url.pathname === '/rate_limit') return budget.overview(caller);
    return budget.spend(caller, () => faults.answer(request, url, () => answered(request, url, caller)));
  };
};

const isWrite = ({ method }: Request): boolean => method !== 'GET' && method !== 'HEAD';
const isOnRepository = ({ pathname }: URL): boolean =>
  pathname.toLowerCase().startsWith(`/repos/${repositoryName}/`);

const answer = (handler: ApiHandler, call: Call, caller: Caller): Response => {
  if (handler.for === 'app')
    return caller.kind === 'app'
      ? handler.answer(call)
      : refusal(401, 'A JSON web token could not be decoded');
  // The repository is private: to those without a token it does not exist.
  if (caller.kind === 'nobody') return notFound();
  return caller.kind === 'app' ? notForApps() : handler.answer(call, caller.account);
};

/** The address as the client knows it: the one in links to further pages. */
const shownUrl = (url: URL, { surroundings: { addresses } }: Desk): URL =>
  new URL(addresses.api + url.pathname + url.search);

const unreadable = Symbol('unreadable');

const bodyOf = async (request: Request): Promise<unknown> => {
  const text = await request.text();
  if (text === '') return undefined;
  if (isTooDeep(text)) return unreadable;
  try {
    return JSON.parse(text);
  } catch {
    return unreadable;
  }
};

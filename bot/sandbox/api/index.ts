import { mayWrite } from '../accounts.ts';
import type { Upstream } from '../upstream.ts';
import { badCredentials, notForApps, notFound, refusal, unlessKnown } from './answers.ts';
import { appRoutes } from './app.ts';
import type { ApiHandler, Call, Desk } from './call.ts';
import { conversationRoutes } from './conversation.ts';
import { repositoryRoutes } from './repository.ts';
import { matchRoute } from '../router.ts';
import type { Caller } from './tokens.ts';

/** The REST API: what the sandbox owns is answered here, the rest by the emulator behind it. `url` carries no prefix. */
export const apiOf = (desk: Desk, upstream: Upstream) => {
  const routes = [...conversationRoutes(desk), ...repositoryRoutes(desk), ...appRoutes(desk)];
  return async (request: Request, url: URL): Promise<Response> => {
    const caller = desk.tokens.callerOf(request.headers.get('authorization'));
    if (!caller) return badCredentials();
    const route = matchRoute(routes, request.method, url.pathname);
    if (!route) return passOn(request, url, caller, upstream);
    const body = await bodyOf(request);
    if (body === unreadable) return refusal(400, 'Problems parsing JSON');
    const response = answer(
      route.handle,
      { parameters: route.parameters, url: shownUrl(url, desk), body },
      caller,
    );
    return unlessKnown(response, request.headers.get('if-none-match'));
  };
};

const answer = (handler: ApiHandler, call: Call, caller: Caller): Response => {
  if (handler.for === 'app')
    return caller.kind === 'app'
      ? handler.answer(call)
      : refusal(401, 'A JSON web token could not be decoded');
  // The repository is private: to those without a token it does not exist.
  if (caller.kind === 'nobody') return notFound();
  return caller.kind === 'app' ? notForApps() : handler.answer(call, caller.account);
};

/** Hands the emulator what it alone knows: contents, branches, labels, checks. It tells no readers from writers: we do. */
const passOn = async (request: Request, url: URL, caller: Caller, upstream: Upstream): Promise<Response> => {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (caller.kind !== 'account') return reads ? notFound() : refusal(401, 'Requires authentication');
  if (!reads && !mayWrite(caller.account)) return refusal(403, 'Must have push access to the repository.');
  return upstream.forward(request, url);
};

/** The address as the client knows it: the one in links to further pages. */
const shownUrl = (url: URL, { surroundings: { addresses } }: Desk): URL =>
  new URL(addresses.api + url.pathname + url.search);

const unreadable = Symbol('unreadable');

const bodyOf = async (request: Request): Promise<unknown> => {
  const text = await request.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return unreadable;
  }
};

import { isTooDeep } from '../../../runtime/json-depth.ts';
import { repositoryName } from '../accounts.ts';
import {
  badCredentialsResponse,
  notForAppsResponse,
  notFoundResponse,
  errorResponse,
  applyIfNoneMatch,
} from './responses.ts';
import { appRoutes } from './app.ts';
import type { RateLimit } from './rate-limit.ts';
import type { ApiHandler, ApiCall, ApiContext } from './api-context.ts';
import { checkRoutes } from './checks.ts';
import { commentRoutes } from './comments.ts';
import { contentRoutes } from './contents.ts';
import type { FaultInjector } from './fault-injection.ts';
import { gitRoutes } from './git.ts';
import { issueRoutes } from './issues.ts';
import { pullRoutes } from './pulls.ts';
import { reactionRoutes } from './reactions.ts';
import { reviewRoutes } from './reviews.ts';
import { repositoryRoutes } from './repository.ts';
import { teamRoutes } from './teams.ts';
import { matchRoute } from '../router.ts';
import type { TokenHolder } from './tokens.ts';

/** Creates the handler of the REST API, as far as the app and the people need it. `url` has no prefix. */
export const createApiHandler = (
  context: ApiContext,
  { budget, faults }: { budget: RateLimit; faults: FaultInjector },
) => {
  const routes = [
    ...commentRoutes(context),
    ...issueRoutes(context),
    ...reactionRoutes(context),
    ...reviewRoutes(context),
    ...pullRoutes(context),
    ...checkRoutes(context),
    ...contentRoutes(context),
    ...gitRoutes(context),
    ...teamRoutes(context),
    ...repositoryRoutes(context),
    ...appRoutes(context),
  ];
  const handleCall = async (request: Request, url: URL, caller: TokenHolder): Promise<Response> => {
    const route = matchRoute(routes, request.method, url.pathname);
    if (isWrite(request) && isOnRepository(url) && context.store.settings.isArchived())
      return errorResponse(403, 'Repository was archived so is read-only.');
    if (!route) return notFoundResponse();
    // Authenticate the sender before reading the body.
    const body = caller.kind === 'nobody' ? undefined : await readBody(request);
    if (body === unreadable) return errorResponse(400, 'Problems parsing JSON');
    const accept = request.headers.get('accept') ?? '';
    const via = caller.kind === 'account' ? caller.via : undefined;
    const call = { parameters: route.parameters, url: toPublicUrl(url, context), body, accept, via };
    return applyIfNoneMatch(callHandler(route.handle, call, caller), request.headers.get('if-none-match'));
  };
  return async (request: Request, url: URL): Promise<Response> => {
    const caller = context.tokens.authenticate(request.headers.get('authorization'));
    if (!caller) return badCredentialsResponse();
    if (url.pathname === '/rate_limit') return budget.describe(caller);
    return budget.consume(caller, () => faults.answer(request, url, () => handleCall(request, url, caller)));
  };
};

const isWrite = ({ method }: Request): boolean => method !== 'GET' && method !== 'HEAD';
const isOnRepository = ({ pathname }: URL): boolean =>
  pathname.toLowerCase().startsWith(`/repos/${repositoryName}/`);

const callHandler = (handler: ApiHandler, call: ApiCall, caller: TokenHolder): Response => {
  if (handler.for === 'app')
    return caller.kind === 'app'
      ? handler.answer(call)
      : errorResponse(401, 'A JSON web token could not be decoded');
  // The repository is private: without a token, it does not exist.
  if (caller.kind === 'nobody') return notFoundResponse();
  return caller.kind === 'app' ? notForAppsResponse() : handler.answer(call, caller.account);
};

/** Returns the address as the client knows it, for links to further pages. */
const toPublicUrl = (url: URL, { serializerContext: { addresses } }: ApiContext): URL =>
  new URL(addresses.api + url.pathname + url.search);

const unreadable = Symbol('unreadable');

const readBody = async (request: Request): Promise<unknown> => {
  const text = await request.text();
  if (text === '') return undefined;
  if (isTooDeep(text)) return unreadable;
  try {
    return JSON.parse(text);
  } catch {
    return unreadable;
  }
};

import type { Logger } from '../../../runtime/log.ts';
import type { Route } from '../durable.ts';
import type { JobIds } from '../job/job-ids.ts';
import type { Authenticator } from './authenticate.ts';
import { toForbidden } from './answers.ts';
import { hasScope, type Caller, type CallerScope } from './caller.ts';
import { createCallerClient, type CallerClient } from './caller-client.ts';

/** A route as it is written: what a caller needs for it, and what it does for one who has that. */
export type GuardedRoute = Omit<Route, 'handle'> & {
  /** The scope that opens it. */
  needs: CallerScope;
  /** @param client shows no jobs but those that are the caller's business */
  handle(
    request: Request,
    parameters: Readonly<Record<string, string>>,
    client: CallerClient,
    caller: Caller,
  ): Promise<Response>;
};

/** The route with its guard in front, so that no host can serve it without. */
export const guardRoutes =
  (authenticate: Authenticator, ids: JobIds, log: Logger) =>
  (route: GuardedRoute): Route => ({
    name: route.name,
    method: route.method,
    path: route.path,
    handle: async (request, parameters, client) => {
      const authentication = await authenticate(request);
      if (!authentication.ok) return authentication.response;
      const { caller } = authentication;
      const response = hasScope(caller, route.needs)
        ? await route.handle(request, parameters, createCallerClient(caller, client, ids), caller)
        : toForbidden(`This needs the scope "${route.needs}".`);
      if (response.status === 403 && caller.kind === 'guest')
        log.warn({ caller: caller.name, route: route.name }, 'a caller asked for what it may not');
      return response;
    },
  });

import type { Logger } from '../../../runtime/log.ts';
import type { Route } from '../durable.ts';
import type { JobIds } from '../job/job-ids.ts';
import type { Access } from './authenticate.ts';
import { forbidden } from './answers.ts';
import { hasScope, type Caller, type Scope } from './caller.ts';
import { clientFor, type CallerClient } from './caller-client.ts';

/** A route as it is written: what a caller needs for it, and what it does for one who has that. */
export type GuardedRoute = Omit<Route, 'handle'> & {
  /** The scope that opens it. */
  needs: Scope;
  /** @param client shows no jobs but those that are the caller's business */
  handle(
    request: Request,
    parameters: Readonly<Record<string, string>>,
    client: CallerClient,
    caller: Caller,
  ): Promise<Response>;
};

/** The route with its guard in front, so that no host can serve it without. */
export const guarded =
  (access: Access, ids: JobIds, log: Logger) =>
  (route: GuardedRoute): Route => ({
    name: route.name,
    method: route.method,
    path: route.path,
    handle: async (request, parameters, client) => {
      const admission = await access(request);
      if (!admission.ok) return admission.answer;
      const { caller } = admission;
      const answer = hasScope(caller, route.needs)
        ? await route.handle(request, parameters, clientFor(caller, client, ids), caller)
        : forbidden(`This needs the scope "${route.needs}".`);
      if (answer.status === 403 && caller.kind === 'guest')
        log.warn({ caller: caller.name, route: route.name }, 'a caller asked for what it may not');
      return answer;
    },
  });

import type { DurableClient, Route } from '../../compute/orchestrator/durable.ts';
import { problemResponse } from './responses.ts';
import { countFixedSegments, matchPattern } from './route-pattern.ts';

export type HttpFunctionsOptions = {
  routes: readonly Route[];
  client: DurableClient;
};

/** Creates the handler of the app's HTTP functions, below `/api`. */
export const createHttpFunctions = ({
  routes,
  client,
}: HttpFunctionsOptions): ((request: Request, path: string) => Promise<Response>) => {
  const byFixedSegments = routes.toSorted((a, b) => countFixedSegments(b.path) - countFixedSegments(a.path));

  return async (request, path) => {
    const matches = byFixedSegments.flatMap((route) => {
      const parameters = matchPattern(route.path, path);
      return parameters ? [{ route, parameters }] : [];
    });
    if (matches.length === 0) return problemResponse(404, 'not-found', `/api/${path} does not exist.`);
    const match = matches.find(({ route }) => route.method === request.method);
    if (!match) {
      const allowed = matches.map(({ route }) => route.method).join(', ');
      return problemResponse(405, 'method-not-allowed', `Use ${allowed} here.`, { allow: allowed });
    }
    return match.route.handle(request, match.parameters, client);
  };
};

import type { DurableClient, Route } from '../../orchestrator/durable.ts';
import { problemAnswer } from './answers.ts';
import type { keyCheck } from './keys.ts';
import { fixedSegments, matchPattern } from './pattern.ts';

export type ApiOptions = {
  routes: readonly Route[];
  client: DurableClient;
  mayCall: ReturnType<typeof keyCheck>;
};

/** The app's HTTP functions below `/api`; each asks for the function key. */
export const apiHandler = ({
  routes,
  client,
  mayCall,
}: ApiOptions): ((request: Request, path: string) => Promise<Response>) => {
  const byFixedSegments = routes.toSorted((a, b) => fixedSegments(b.path) - fixedSegments(a.path));

  return async (request, path) => {
    const matches = byFixedSegments.flatMap((route) => {
      const parameters = matchPattern(route.path, path);
      return parameters ? [{ route, parameters }] : [];
    });
    if (matches.length === 0) return problemAnswer(404, 'not-found', `There is nothing at /api/${path}.`);
    const match = matches.find(({ route }) => route.method === request.method);
    if (!match) {
      const allowed = matches.map(({ route }) => route.method).join(', ');
      return problemAnswer(405, 'method-not-allowed', `Use ${allowed} here.`, { allow: allowed });
    }
    if (!mayCall(request, 'function')) {
      return problemAnswer(
        401,
        'unauthorized',
        'A function key is needed: header x-functions-key, or ?code=.',
      );
    }
    return match.route.handle(request, match.parameters, client);
  };
};

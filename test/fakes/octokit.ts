import type { Octokit } from '../../chatops/github/api-client.ts';

type Call = { route: string; parameters: Record<string, unknown> };
type Answer = (parameters: Record<string, unknown>) => unknown;

/** Creates an error as Octokit throws it. */
export const createHttpError = (status: number, message: string): Error =>
  Object.assign(new Error(message), { name: 'HttpError', status });

/** Creates an Octokit that answers by route; `calls` records its calls. */
export const createFakeOctokit = (answers: Record<string, Answer>): Octokit & { calls: Call[] } => {
  const calls: Call[] = [];
  return {
    calls,
    request: async (route, parameters = {}) => {
      calls.push({ route, parameters });
      const answer = answers[route];
      if (!answer) throw createHttpError(404, 'Not Found');
      return { data: answer(parameters) };
    },
  };
};

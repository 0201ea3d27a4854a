/*
 * In the bundle this stands in place of packages that GitHub's packages bring with them: `undici`, twice, 860 kB, and
 * `@actions/http-client` around it, for Node itself connects, also through a proxy, see `proxy.ts`; and
 * `@octokit/plugin-rest-endpoint-methods`, 80 kB, a method for each of GitHub's routes, for we name routes.
 */

/** Of `undici`: Node's own, with its own way to connect. */
export const fetch: typeof globalThis.fetch = (url, init) => {
  const { dispatcher: _theirs, ...others } = { dispatcher: undefined, ...init };
  return globalThis.fetch(url, others);
};

/** Of `@actions/http-client`: what @actions/github asks for ways to connect. */
export class HttpClient {
  getAgent(): undefined {}
  getAgentDispatcher(): undefined {}
}

/** Of `@actions/http-client/lib/auth`: named where @actions/core asks for the job's token, which is done in `id-token.ts`. */
export { HttpClient as BearerCredentialHandler };

/** Of `@octokit/plugin-rest-endpoint-methods`. */
export const restEndpointMethods = () => ({});

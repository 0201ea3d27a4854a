/*
 * Replaces dependencies of GitHub's packages in the bundle: two versions of `undici` (860 kB) and `@actions/http-client`, because Node's
 * own `fetch` connects, also through a proxy (`proxy.ts`); and `@octokit/plugin-rest-endpoint-methods` (80 kB), which has a method for
 * each GitHub route, because our calls name their routes.
 */

/** Replaces the `fetch` of `undici` by Node's own, without its dispatcher. */
export const fetch: typeof globalThis.fetch = (url, init) => {
  const { dispatcher: _dispatcher, ...others } = { dispatcher: undefined, ...init };
  return globalThis.fetch(url, others);
};

/** Replaces the class of `@actions/http-client` that @actions/github requests its agents from. */
export class HttpClient {
  getAgent(): undefined {}
  getAgentDispatcher(): undefined {}
}

/** Replaces an export of `@actions/http-client/lib/auth`, which @actions/core imports for OIDC tokens; `id-token.ts` requests those. */
export { HttpClient as BearerCredentialHandler };

/** Replaces the export of `@octokit/plugin-rest-endpoint-methods`. */
export const restEndpointMethods = () => ({});

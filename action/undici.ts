/*
 * In the bundle this stands in place of the package `undici`, of which GitHub's packages bring two, 860 kB: Node has one itself.
 * A proxy is no client's concern then, see `proxy.ts`.
 */

/** Node's own, with its own way to connect. */
export const fetch: typeof globalThis.fetch = (url, init) => {
  const { dispatcher: _theirs, ...others } = { dispatcher: undefined, ...init };
  return globalThis.fetch(url, others);
};

/** What would be given to theirs. */
export class ProxyAgent {
  readonly isIgnored = true;
}

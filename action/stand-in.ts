/*
 * In the bundle this stands in place of the packages `undici` and `tunnel`, by which GitHub's packages connect, 860 kB: Node does
 * that itself. A proxy is no client's concern then, see `proxy.ts`.
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

const noAgent = (): undefined => undefined;

export {
  noAgent as httpOverHttp,
  noAgent as httpOverHttps,
  noAgent as httpsOverHttp,
  noAgent as httpsOverHttps,
};

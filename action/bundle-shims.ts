/*
 * Replaces dependencies of GitHub's packages in the bundle: two versions of `undici` (860 kB) and `@actions/http-client`, because Node's
 * own `fetch` connects, also through a proxy (`proxy.ts`); and `@octokit/plugin-rest-endpoint-methods` (80 kB), which has a method for
 * each GitHub route, because our calls name their routes. Also `lru-cache` (19 kB), which a step of a few minutes does not need, and
 * what markdown-it uses only for rules that `foreign-markdown/parser.ts` does not enable: `entities`, `linkify-it`, `mdurl` and
 * `punycode.js` (42 kB).
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

/** Replaces `lru-cache`, with the part that our code uses: when it is full, it evicts the oldest entry. */
export class LRUCache<K, V extends object | string | number | boolean> {
  readonly #entries = new Map<K, { value: V; until: number }>();
  readonly #max: number;
  readonly #ttl: number;

  constructor({ max, ttl = Infinity }: { max: number; ttl?: number }) {
    this.#max = max;
    this.#ttl = ttl;
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && performance.now() < entry.until ? entry.value : undefined;
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: performance.now() + this.#ttl });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#max && oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(key: K): void {
    this.#entries.delete(key);
  }
}

/** Replaces the class of `linkify-it`, which markdown-it creates but does not use unless it finds links without brackets. */
export class LinkifyIt {
  test(): boolean {
    return false;
  }
}

const throwNotBundled = (): never => {
  throw new Error('This part of markdown-it is not in the bundle');
};

/** Replaces the functions of `entities` and `mdurl`, and the export of `punycode.js`. */
export { throwNotBundled as decodeHTMLStrict, throwNotBundled as decode, throwNotBundled as encode };
export { throwNotBundled as format, throwNotBundled as parse };
export default {};

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';

const random = (): string => randomBytes(32).toString('base64url');

/** Whether two texts are the same; how long it takes tells nothing of where they differ. */
const same = (a: string, b: string): boolean => {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
};

/** Browsers that may set up, and what each is in the middle of. */
export class Sessions {
  /** A session's id, and the `state` that GitHub has to bring back. */
  readonly #states = new LRUCache<string, { state: string | undefined }>({ max: 100, ttl: 3_600_000 });
  #token: string | undefined;

  /** @param token what opens the one session that may come from elsewhere than this machine */
  constructor(token: string | undefined) {
    this.#token = token;
  }

  /** A new session's id. */
  open(): string {
    const id = random();
    this.#states.set(id, { state: undefined });
    return id;
  }

  /** A new session's id for whoever has the token, once. */
  redeem(token: string): string | undefined {
    if (this.#token === undefined || !same(token, this.#token)) return undefined;
    this.#token = undefined;
    return this.open();
  }

  has(id: string | undefined): id is string {
    return id !== undefined && this.#states.has(id);
  }

  /** What GitHub is to bring back to this session; what it was given before holds no more. */
  begin(id: string): string {
    const state = random();
    this.#states.set(id, { state });
    return state;
  }

  /** Whether GitHub brought back what this session was given; each counts once. */
  finish(id: string, state: string): boolean {
    const given = this.#states.get(id)?.state;
    this.#states.set(id, { state: undefined });
    return given !== undefined && same(state, given);
  }
}

/** A one-time token: 256 random bits. */
export const oneTimeToken = random;

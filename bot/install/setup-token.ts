import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long the token can be used, in milliseconds. */
const tokenMilliseconds = 30 * 60_000;
/** How long the browser that used the token may take, in milliseconds: GitHub's code for a new app lives as long. */
const sessionMilliseconds = 60 * 60_000;
/** Wrong tokens that are taken, from everyone together, before the right one ends too. */
const maxWrongTries = 5;

const random = (): string => randomBytes(32).toString('base64url');

/** Returns whether two texts are the same, in a time that tells nothing of where they differ. */
const same = (a: string, b: string): boolean => {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
};

/** What a token came to. `open`: it is right, and belongs to this browser from now on. `ended`: no token opens the page any more. */
export type Redeemed = { outcome: 'open'; browser: string } | { outcome: 'wrong' | 'ended' };

/**
 * The one token that opens the set-up page. It ends with its use: it then belongs to the browser that used it, whose forms carry
 * it on. Unused, it ends after 30 minutes or 5 wrong tries. Where somebody asks from never matters, since a proxy may hide it.
 */
export class SetupToken {
  readonly text = random();
  readonly #now: () => number;
  #ends: number;
  #wrongTries = 0;
  /** The cookie of the browser that has used the token. */
  #browser: string | undefined;
  /** What GitHub has to bring back. */
  #state: string | undefined;

  /** @param now the clock, in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#ends = now() + tokenMilliseconds;
  }

  /** Whether a token may still open the page for a new browser. */
  get isUsable(): boolean {
    return this.#browser === undefined && this.#now() < this.#ends && this.#wrongTries < maxWrongTries;
  }

  /** Opens the page for a browser. @param browser its cookie, if it has one: the browser that used the token may send it again */
  redeem(token: string, browser: string | undefined): Redeemed {
    if (this.#browser !== undefined) {
      const isOurs = this.isFrom(browser) && same(token, this.text);
      return isOurs ? { outcome: 'open', browser: this.#browser } : { outcome: 'ended' };
    }
    if (!this.isUsable) return { outcome: 'ended' };
    if (!same(token, this.text)) {
      this.#wrongTries += 1;
      return { outcome: this.isUsable ? 'wrong' : 'ended' };
    }
    this.#browser = random();
    this.#ends = this.#now() + sessionMilliseconds;
    return { outcome: 'open', browser: this.#browser };
  }

  /** Returns whether a cookie is that of the browser that has used the token, and may still go on. */
  isFrom(browser: string | undefined): boolean {
    return (
      this.#browser !== undefined &&
      browser !== undefined &&
      this.#now() < this.#ends &&
      same(browser, this.#browser)
    );
  }

  /** Returns what GitHub has to bring back; what was given out before holds no more. */
  begin(): string {
    this.#state = random();
    return this.#state;
  }

  /** Returns whether the browser brought back from GitHub what was given out last. Each counts once. */
  finish(browser: string | undefined, state: string): boolean {
    if (!this.isFrom(browser)) return false;
    const given = this.#state;
    this.#state = undefined;
    return given !== undefined && same(state, given);
  }
}

import { randomBytes } from 'node:crypto';
import { isEqualInConstantTime } from '../../runtime/constant-time.ts';
import { registerSecret } from '../../runtime/secrets.ts';

/** The lifetime of the token, in milliseconds. */
const tokenTtlMilliseconds = 30 * 60_000;
/** How long the browser that used the token can continue, in milliseconds; GitHub's code for a new app has the same lifetime. */
const sessionTtlMilliseconds = 60 * 60_000;
/** The number of failed attempts, by everyone together, after which the token expires. */
const maxFailedAttempts = 5;

/** Returns a random text that is never printed for as long as it is worth something. */
const createSecret = (milliseconds: number): string => {
  const secret = randomBytes(32).toString('base64url');
  registerSecret(secret, Date.now() + milliseconds);
  return secret;
};

/** The result of trying a token. `open`: it is correct, and now belongs to this browser. `ended`: it has expired. */
type RedeemResult = { outcome: 'open'; browser: string } | { outcome: 'wrong' | 'ended' };

/**
 * The one-time token of the set-up page. The first browser that uses it owns it, and sends it with each form; nobody else can use it
 * after that. An unused token expires after 30 minutes or 5 failed attempts. The address of a request never matters, because a proxy
 * can hide it.
 */
export class SetupToken {
  readonly text = randomBytes(32).toString('base64url');
  readonly #now: () => number;
  #expiresAt: number;
  #failedAttempts = 0;
  /** The cookie of the browser that used the token. */
  #browser: string | undefined;
  /** The state that GitHub must send back. */
  #state: string | undefined;

  /** @param now the clock, in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#expiresAt = now() + tokenTtlMilliseconds;
  }

  /** Masks the token in everything that is printed from now on. Call it once the log has shown it. */
  maskFromNowOn(): void {
    registerSecret(this.text, Date.now() + tokenTtlMilliseconds);
  }

  /** Returns whether a new browser can still use the token. */
  get isUsable(): boolean {
    return (
      this.#browser === undefined && this.#now() < this.#expiresAt && this.#failedAttempts < maxFailedAttempts
    );
  }

  /** Tries a token. @param browser the browser's cookie, if any: the browser that used the token can send it again */
  redeem(token: string, browser: string | undefined): RedeemResult {
    if (this.#browser !== undefined) {
      const isOurs = this.isFromOwner(browser) && isEqualInConstantTime(token, this.text);
      return isOurs ? { outcome: 'open', browser: this.#browser } : { outcome: 'ended' };
    }
    if (!this.isUsable) return { outcome: 'ended' };
    if (!isEqualInConstantTime(token, this.text)) {
      this.#failedAttempts += 1;
      return { outcome: this.isUsable ? 'wrong' : 'ended' };
    }
    this.#browser = createSecret(sessionTtlMilliseconds);
    registerSecret(this.text, Date.now() + sessionTtlMilliseconds);
    this.#expiresAt = this.#now() + sessionTtlMilliseconds;
    return { outcome: 'open', browser: this.#browser };
  }

  /** Returns whether a cookie belongs to the browser that used the token, and has not expired. */
  isFromOwner(browser: string | undefined): boolean {
    return (
      this.#browser !== undefined &&
      browser !== undefined &&
      this.#now() < this.#expiresAt &&
      isEqualInConstantTime(browser, this.#browser)
    );
  }

  /** Returns a new state that GitHub must send back; the previous state becomes invalid. */
  createState(): string {
    this.#state = createSecret(sessionTtlMilliseconds);
    return this.#state;
  }

  /** Returns whether the browser returned from GitHub with the current state. Each state is valid once. */
  redeemState(browser: string | undefined, state: string): boolean {
    if (!this.isFromOwner(browser)) return false;
    const expected = this.#state;
    this.#state = undefined;
    return expected !== undefined && isEqualInConstantTime(state, expected);
  }
}

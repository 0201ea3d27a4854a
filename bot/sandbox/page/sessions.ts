import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import { registerSecret } from '../../../runtime/secrets.ts';

/** A browser that has come in by a code. */
export type Session = {
  /** What each form of its pages has to send along. */
  formToken: string;
};

/**
 * Returns the user of this machine who asks, by uid; undefined if the system does not show it. To find out is work, so it is called only
 * for a cookie or a code of ours.
 */
export type FindUser = () => number | undefined;

/** Who may see the pages: the browsers into which somebody opened an address with a code. */
export type Sessions = {
  /** Returns a new code. It opens one session, within an hour. */
  drawCode(): string;
  /** Whether the caller knows the secret that asks for codes. */
  mayDrawCode(authorization: string | null): boolean;
  /** Spends a code for a session's cookie, as the value of `Set-Cookie`; undefined if the code is spent, too old or none of ours. */
  begin(code: string, findUser: FindUser): string | undefined;
  /** The session of a request's cookies. It is good for the user of this machine who has begun it. */
  sessionIn(cookies: string | null | undefined, findUser: FindUser): Session | undefined;
};

export type SessionsOptions = {
  /** The data folder's own; the cookie's name has it, for cookies go to all ports of a host. */
  folderId: number;
  /** Signs sessions, so that they outlive a restart without being kept. */
  sessionKey: string;
  /** Asks for codes. */
  signInKey: string;
  now?: () => number;
};

const codeMilliseconds = 3_600_000;
/** More outstanding codes than anybody opens; older ones are dropped. */
const maxCodes = 100;
const sessionSeconds = 30 * 86_400;

export const sessionsOf = ({
  folderId,
  sessionKey,
  signInKey,
  now = Date.now,
}: SessionsOptions): Sessions => {
  [sessionKey, signInKey].forEach((secret) => registerSecret(secret));
  const name = `coxswain_${folderId}`;
  const codes = new Map<string, number>();
  const seal = (text: string): string => createHmac('sha256', sessionKey).update(text).digest('hex');

  // A browser sends the cookie to whatever listens on this host, be it another user's: it is to be worth nothing there.
  const sign = (content: string): string => seal(`session ${content}`);
  const isOpen = (value: string, findUser: FindUser): boolean => {
    const [, content = '', end = '', user = '', signature = ''] = valueForm.exec(value) ?? [];
    return (
      isSame(signature, sign(content)) &&
      Number.parseInt(end, 36) > now() &&
      user === String(findUser() ?? '')
    );
  };
  return {
    drawCode: () => {
      const code = randomBytes(18).toString('base64url');
      codes.set(code, now() + codeMilliseconds);
      registerSecret(code, now() + codeMilliseconds);
      const [oldest] = codes.keys();
      if (codes.size > maxCodes && oldest !== undefined) codes.delete(oldest);
      return code;
    },
    mayDrawCode: (authorization) => isSame(authorization ?? '', `Bearer ${signInKey}`),
    begin: (code, findUser) => {
      const end = codes.get(code);
      codes.delete(code);
      if (end === undefined || end <= now()) return undefined;
      const ends = (now() + sessionSeconds * 1_000).toString(36);
      const content = `${ends}_${randomBytes(16).toString('hex')}_${findUser() ?? ''}`;
      const value = `${content}_${sign(content)}`;
      return `${name}=${value}; Path=/; Max-Age=${sessionSeconds}; HttpOnly; SameSite=Strict`;
    },
    sessionIn: (cookies, findUser) => {
      // A page at another port can add cookies of the same name: any good one counts.
      const value = valuesOf(name, cookies ?? '').find((one) => isOpen(one, findUser));
      return value === undefined ? undefined : { formToken: seal(`form ${value}`) };
    },
  };
};

/** A cookie's value: when it ends, chance, the user who has begun the session, and the signature over all of it. */
const valueForm = /^(([0-9a-z]{1,11})_[0-9a-f]{32}_(\d{0,10}))_([0-9a-f]{64})$/;

const valuesOf = (name: string, cookies: string): string[] =>
  cookies
    .split(';')
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie.startsWith(`${name}=`))
    .map((cookie) => cookie.slice(name.length + 1));

/** Compares in a time that shows nothing but the length. */
export const isSame = (given: string, expected: string): boolean => {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
};

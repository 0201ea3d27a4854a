import { createHmac, randomBytes } from 'node:crypto';
import { isEqualInConstantTime } from '../../../runtime/constant-time.ts';

import { registerSecret } from '../../../runtime/secrets.ts';

/** A browser session that started with a code. */
export type BrowserSession = {
  /** The token that each form on its pages must send. */
  formToken: string;
};

/**
 * Returns the uid of the machine user who sent the request; undefined if the system does not show it. The lookup is expensive, so it is called only
 * for a cookie or a code of ours.
 */
export type FindUser = () => number | undefined;

/** The sessions of browsers that opened an address with a code. */
export type BrowserSessions = {
  /** Returns a new code. It starts one session and expires after an hour. */
  createCode(): string;
  /** Returns whether the caller has the key that requests codes. */
  mayCreateCode(authorization: string | null): boolean;
  /** Exchanges a code for a session cookie, as the value of `Set-Cookie`; undefined if the code is used, expired or unknown. */
  start(code: string, findUser: FindUser): string | undefined;
  /** Returns the session of a request's cookies. A session is valid only for the machine user who started it. */
  find(cookies: string | null | undefined, findUser: FindUser): BrowserSession | undefined;
};

export type BrowserSessionsOptions = {
  /** The id of the data folder. It is part of the cookie's name, because browsers send cookies to all ports of a host. */
  folderId: number;
  /** The key that signs sessions, so that they survive a restart without being stored. */
  sessionKey: string;
  /** The key that requests codes. */
  signInKey: string;
  now?: () => number;
};

const codeMilliseconds = 3_600_000;
/** The maximum number of unused codes; older ones are dropped. */
const maxCodes = 100;
const sessionSeconds = 30 * 86_400;

export const createBrowserSessions = ({
  folderId,
  sessionKey,
  signInKey,
  now = Date.now,
}: BrowserSessionsOptions): BrowserSessions => {
  [sessionKey, signInKey].forEach((secret) => registerSecret(secret));
  const name = `coxswain_${folderId}`;
  const codes = new Map<string, number>();
  const seal = (text: string): string => createHmac('sha256', sessionKey).update(text).digest('hex');

  // A browser sends the cookie to every server on this host, including other users' servers, where it must be worthless.
  const sign = (content: string): string => seal(`session ${content}`);
  const isOpen = (value: string, findUser: FindUser): boolean => {
    const [, content = '', end = '', user = '', signature = ''] = cookiePattern.exec(value) ?? [];
    return (
      isEqualInConstantTime(signature, sign(content)) &&
      Number.parseInt(end, 36) > now() &&
      user === String(findUser() ?? '')
    );
  };
  const deriveFormToken = (value: string): string => seal(`form ${value}`);
  /** Keeps a session's cookie and form token from being printed until the session ends. A cookie may be from before a restart. */
  const mask = (value: string): void => {
    const [, , end = ''] = cookiePattern.exec(value) ?? [];
    [value, deriveFormToken(value)].forEach((secret) => registerSecret(secret, Number.parseInt(end, 36)));
  };
  return {
    createCode: () => {
      const code = randomBytes(18).toString('base64url');
      codes.set(code, now() + codeMilliseconds);
      registerSecret(code, now() + codeMilliseconds);
      const [oldest] = codes.keys();
      if (codes.size > maxCodes && oldest !== undefined) codes.delete(oldest);
      return code;
    },
    mayCreateCode: (authorization) => isEqualInConstantTime(authorization ?? '', `Bearer ${signInKey}`),
    start: (code, findUser) => {
      const end = codes.get(code);
      codes.delete(code);
      if (end === undefined || end <= now()) return undefined;
      const ends = (now() + sessionSeconds * 1_000).toString(36);
      const content = `${ends}_${randomBytes(16).toString('hex')}_${findUser() ?? ''}`;
      const value = `${content}_${sign(content)}`;
      mask(value);
      return `${name}=${value}; Path=/; Max-Age=${sessionSeconds}; HttpOnly; SameSite=Strict`;
    },
    find: (cookies, findUser) => {
      // A page at another port can add cookies with the same name; any valid one counts.
      const value = readCookieValues(name, cookies ?? '').find((one) => isOpen(one, findUser));
      if (value === undefined) return undefined;
      mask(value);
      return { formToken: deriveFormToken(value) };
    },
  };
};

/** A cookie's value: its expiry, random bits, the user who started the session, and a signature of all of it. */
const cookiePattern = /^(([0-9a-z]{1,11})_[0-9a-f]{32}_(\d{0,10}))_([0-9a-f]{64})$/;

const readCookieValues = (name: string, cookies: string): string[] =>
  cookies
    .split(';')
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie.startsWith(`${name}=`))
    .map((cookie) => cookie.slice(name.length + 1));

import {
  createHmac,
  createPublicKey,
  randomBytes,
  timingSafeEqual,
  verify,
  type KeyObject,
} from 'node:crypto';
import * as v from 'valibot';

import { registerSecret } from '../../../runtime/secrets.ts';
import { people, workflowAccount, type GitHubAccount } from '../accounts.ts';
import { toClientId } from '../serializers/app.ts';
import type { OtherApp } from '../store/comments.ts';
import type { RepositorySettings } from '../store/settings.ts';

/** The sender of a request, by its token. `nobody`: without a token. `via`: another app, if it is a user token of that app. */
export type TokenHolder =
  | { kind: 'nobody' }
  | { kind: 'app' }
  | { kind: 'account'; account: GitHubAccount; via?: OtherApp };

export type TokenService = {
  /** Returns the sender; undefined for a token that is unknown, invalid or expired. */
  authenticate(authorization: string | null): TokenHolder | undefined;
  /** Creates a token of the installation, which is valid for an hour. */
  createInstallationToken(): { token: string; expiresAt: Date };
  /** Creates a token with which another app acts on behalf of a person, valid until the emulator is closed. */
  createUserToken(account: GitHubAccount, via: OtherApp): string;
};

const hourMilliseconds = 3_600_000;
// GitHub refuses app tokens with a longer lifetime, and tolerates clock skew.
const maxAppTokenSeconds = 600;
const maxClockSkewSeconds = 60;

/**
 * Creates and checks tokens. A token of the installation contains its expiry and a signature with a key of the data folder, so it stays
 * valid across a restart without being stored.
 */
export const createTokenService = (
  settings: RepositorySettings,
  app: { id: number; privateKey: string },
  bot: GitHubAccount,
): TokenService => {
  const publicKey = createPublicKey(app.privateKey);
  const holders = new Map(
    [...people, workflowAccount].map((account) => [settings.tokens.get(account.login), account]),
  );
  const users = new Map<string, TokenHolder>();
  [settings.tokenKey, ...holders.keys()].forEach((secret) => registerSecret(secret));
  const seal = (end: string): string =>
    createHmac('sha256', settings.tokenKey).update(end).digest('hex').slice(0, 40);
  const callerWith = (token: string): TokenHolder | undefined => {
    const account = holders.get(token);
    if (account) return { kind: 'account', account };
    const user = users.get(token);
    if (user) return user;
    if (isInstallationToken(token, seal)) return { kind: 'account', account: bot };
    return isAppToken(token, publicKey, app.id) ? { kind: 'app' } : undefined;
  };
  return {
    authenticate: (authorization) => {
      if (authorization === null) return { kind: 'nobody' };
      const [, token] = /^(?:token|bearer)\s+(\S+)$/i.exec(authorization) ?? [];
      return token === undefined ? undefined : callerWith(token);
    },
    createInstallationToken: () => {
      const expiresAt = new Date(Date.now() + hourMilliseconds);
      const end = expiresAt.getTime().toString(36);
      const token = `ghs_${end}_${seal(end)}`;
      registerSecret(token, expiresAt.getTime());
      return { token, expiresAt };
    },
    createUserToken: (account, via) => {
      const token = `ghu_${randomBytes(18).toString('hex')}`;
      registerSecret(token);
      users.set(token, { kind: 'account', account, via });
      return token;
    },
  };
};

/** Returns whether it is a valid, unexpired token of the installation. */
const isInstallationToken = (token: string, seal: (end: string) => string): boolean => {
  const [, end, signature] = /^ghs_([0-9a-z]{1,11})_([0-9a-f]{40})$/.exec(token) ?? [];
  if (end === undefined || signature === undefined) return false;
  return (
    timingSafeEqual(Buffer.from(seal(end)), Buffer.from(signature)) && Number.parseInt(end, 36) > Date.now()
  );
};

const tokenHeader = v.object({ alg: v.literal('RS256') });
const tokenClaims = v.object({ iss: v.union([v.number(), v.string()]), iat: v.number(), exp: v.number() });

/** Returns whether it is a valid JSON web token of the app: RS256, signed with its key, not expired (RFC 7519). */
const isAppToken = (token: string, key: KeyObject, appId: number): boolean => {
  const [header, claims, signature, ...rest] = token.split('.');
  if (header === undefined || claims === undefined || signature === undefined || rest.length > 0)
    return false;
  if (!verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url')))
    return false;
  const head = v.safeParse(tokenHeader, decodePart(header));
  const body = v.safeParse(tokenClaims, decodePart(claims));
  if (!head.success || !body.success) return false;
  const { iss, iat, exp } = body.output;
  const seconds = Date.now() / 1000;
  const inTime =
    exp > seconds - maxClockSkewSeconds &&
    iat < seconds + maxClockSkewSeconds &&
    exp - iat <= maxAppTokenSeconds + maxClockSkewSeconds;
  return inTime && (String(iss) === String(appId) || iss === toClientId(appId));
};

const decodePart = (part: string): unknown => {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
};

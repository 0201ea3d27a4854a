import { errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import * as v from 'valibot';
import type { UnverifiedCredential } from './caller.ts';
import { KeysUnreachableError } from './jwks.ts';

/** The claims of a valid token, or the reason why it is not accepted. */
type TokenVerdict<Claims> = { outcome: 'good'; claims: Claims } | UnverifiedCredential;

type TokenOptions<S extends v.GenericSchema> = {
  issuer: string;
  /** The token must have one of them. */
  audiences: string[];
  keys: JWTVerifyGetKey;
  /** The schema of its claims. */
  claims: S;
};

/** The tolerated difference between clocks. */
const clockToleranceSeconds = 30;

/** Verifies a token: its signature by one of the issuer's keys, issuer, audience, times, and claims. */
export const verifyToken = async <const S extends v.GenericSchema>(
  token: string,
  { issuer, audiences, keys, claims: schema }: TokenOptions<S>,
): Promise<TokenVerdict<v.InferOutput<S>>> => {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience: audiences,
      algorithms: ['RS256'],
      clockTolerance: clockToleranceSeconds,
      // Missing claims are not checked: a token without `exp` would never expire.
      requiredClaims: ['exp', 'iat', 'sub'],
    });
    const claims = v.safeParse(schema, payload);
    return claims.success
      ? { outcome: 'good', claims: claims.output }
      : { outcome: 'nobody', reason: 'claims' };
  } catch (error) {
    if (error instanceof KeysUnreachableError)
      return { outcome: 'unverified', reason: 'the issuer cannot be reached', error };
    if (error instanceof errors.JOSEError) return { outcome: 'nobody', reason: getReason(error) };
    throw error;
  }
};

/** Returns a description of a token's owner: its claims. */
export const describeClaims = (claims: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(claims)
    .map(([name, value]) => `${name} ${value?.slice(0, 200)}`)
    .join(', ');

const reasons: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'expired',
  ERR_JWKS_NO_MATCHING_KEY: 'unknown key',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'wrong signature',
  ERR_JOSE_ALG_NOT_ALLOWED: 'wrong algorithm',
};

const claimReasons: Readonly<Record<string, string>> = {
  aud: 'wrong audience',
  iss: 'wrong issuer',
  nbf: 'not valid yet',
};

const getReason = (error: errors.JOSEError): string => {
  if (error instanceof errors.JWTClaimValidationFailed)
    return claimReasons[error.claim] ?? `wrong claim ${error.claim}`;
  return reasons[error.code] ?? 'not a token';
};

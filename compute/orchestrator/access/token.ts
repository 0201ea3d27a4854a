import { errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import * as v from 'valibot';
import { KeysUnreachable } from './issuer-keys.ts';

/**
 * What a workflow's token says of its run, as far as rules ask for it. The repository is known by its id alone: names, and either
 * form of `sub` (`repo:owner/name:…`, `repo:owner@id/name@id:…`), do not count.
 * Source: https://docs.github.com/actions/reference/security/oidc
 */
export const Claims = v.object({
  repository_id: v.pipe(v.string(), v.regex(/^\d{1,15}$/)),
  ref: v.optional(v.string()),
  /** Only of a job in an environment. */
  environment: v.optional(v.string()),
  event_name: v.optional(v.string()),
  /** The workflow of the run, and that of the job: they differ if the job is a reusable workflow's. */
  workflow_ref: v.optional(v.string()),
  job_workflow_ref: v.optional(v.string()),
});
export type Claims = v.InferOutput<typeof Claims>;

/** `unknown`: whether it is good cannot be told now. `reason` is for the log, never for the caller. */
export type TokenVerdict =
  | { outcome: 'good'; claims: Claims }
  | { outcome: 'bad'; reason: string }
  | { outcome: 'unknown'; fault: KeysUnreachable };

export type TokenOptions = { issuer: string; audience: string; keys: JWTVerifyGetKey };

/** Tokens live 5 minutes; clocks may differ by so many seconds. */
const clockTolerance = 30;

/** Verifies a token of GitHub Actions: its signature by one of the issuer's keys, issuer, audience, and times. */
export const verifyToken = async (
  token: string,
  { issuer, audience, keys }: TokenOptions,
): Promise<TokenVerdict> => {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: ['RS256'],
      clockTolerance,
      // What is not there is not checked: a token without an end would be good for ever.
      requiredClaims: ['exp', 'iat', 'sub'],
    });
    const claims = v.safeParse(Claims, payload);
    return claims.success ? { outcome: 'good', claims: claims.output } : { outcome: 'bad', reason: 'claims' };
  } catch (error) {
    if (error instanceof KeysUnreachable) return { outcome: 'unknown', fault: error };
    if (error instanceof errors.JOSEError) return { outcome: 'bad', reason: reasonOf(error) };
    throw error;
  }
};

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

const reasonOf = (error: errors.JOSEError): string => {
  if (error instanceof errors.JWTClaimValidationFailed)
    return claimReasons[error.claim] ?? `wrong claim ${error.claim}`;
  return reasons[error.code] ?? 'not a token';
};

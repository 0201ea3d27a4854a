import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  jwksCache,
  type ExportedJWKSCache,
  type JWKSCacheInput,
  type JWTVerifyGetKey,
} from 'jose';

/** The issuer's keys cannot be fetched, and the cached keys do not include the required one. */
export class KeysUnreachableError extends Error {
  override name = 'KeysUnreachableError';
}

/** The time limits of the key cache, in milliseconds. Tests make them short. */
export type JwksTimes = {
  /** The age at which keys are fetched again. */
  maxAge: number;
  /** The age up to which cached keys are used while the issuer cannot be reached: it may have revoked one meanwhile. */
  maxStale: number;
  /** The minimum time between fetches because of an unknown key: any token can name one. */
  cooldown: number;
  /** The delay after a failed fetch before the next one. */
  retryDelay: number;
  /** The timeout of a fetch. */
  timeout: number;
};

const defaultTimes: JwksTimes = {
  maxAge: 10 * 60_000,
  maxStale: 86_400_000,
  cooldown: 30_000,
  retryDelay: 10_000,
  timeout: 3_000,
};

/**
 * Returns a function that finds the issuer's key with which a token is signed. While the issuer cannot be reached, cached keys are used.
 * @throws KeysUnreachableError, or jose's own error if the issuer has no such key
 */
export const createKeyResolver = (url: URL, times: Partial<JwksTimes> = {}): JWTVerifyGetKey => {
  const { maxAge, maxStale, cooldown, retryDelay, timeout } = { ...defaultTimes, ...times };
  const cache: JWKSCacheInput = {};
  const remote = createRemoteJWKSet(url, {
    [jwksCache]: cache,
    cacheMaxAge: maxAge,
    cooldownDuration: cooldown,
    timeoutDuration: timeout,
  });
  let outage: { until: number; error: unknown } = { until: 0, error: undefined };

  const resolveCached: JWTVerifyGetKey = async (header, token) => {
    const { uat: at, jwks } = cache as Partial<ExportedJWKSCache>;
    try {
      if (jwks && Date.now() < (at ?? 0) + maxStale) return await createLocalJWKSet(jwks)(header, token);
    } catch (error) {
      if (!isTokenFault(error)) throw error;
    }
    throw new KeysUnreachableError('Could not fetch the keys of the token issuer', { cause: outage.error });
  };

  return async (header, token) => {
    if (Date.now() < outage.until) return resolveCached(header, token);
    try {
      return await remote(header, token);
    } catch (error) {
      if (isTokenFault(error)) throw error;
      outage = { until: Date.now() + retryDelay, error };
      return resolveCached(header, token);
    }
  };
};

/** Returns whether an error is about the token, and not about the issuer. */
const isTokenFault = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;

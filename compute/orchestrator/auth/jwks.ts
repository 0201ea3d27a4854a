import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  jwksCache,
  type ExportedJWKSCache,
  type JWKSCacheInput,
  type JWTVerifyGetKey,
} from 'jose';

/** The issuer's keys cannot be had now, and those known do not answer the question. */
export class KeysUnreachableError extends Error {
  override name = 'KeysUnreachableError';
}

/** How long keys are kept, in milliseconds. Tests make these short. */
export type JwksTimes = {
  /** After which they are asked for again. */
  maxAge: number;
  /** For which they are still good while the issuer cannot be reached: it may have taken one back since. */
  maxStale: number;
  /** Between two questions because of a key that is not known: anybody can name one. */
  cooldown: number;
  /** For which the issuer is not asked again after it could not be reached. */
  retryDelay: number;
  /** The longest wait for its answer. */
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
 * Finds the key that a token is signed with among the issuer's. While the issuer cannot be reached, the known keys go on.
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
  let outage: { until: number; fault: unknown } = { until: 0, fault: undefined };

  const resolveCached: JWTVerifyGetKey = async (header, token) => {
    const { uat: at, jwks } = cache as Partial<ExportedJWKSCache>;
    try {
      if (jwks && Date.now() < (at ?? 0) + maxStale) return await createLocalJWKSet(jwks)(header, token);
    } catch (error) {
      if (!isTokenFault(error)) throw error;
    }
    throw new KeysUnreachableError('The keys of the issuer of tokens cannot be had', { cause: outage.fault });
  };

  return async (header, token) => {
    if (Date.now() < outage.until) return resolveCached(header, token);
    try {
      return await remote(header, token);
    } catch (fault) {
      if (isTokenFault(fault)) throw fault;
      outage = { until: Date.now() + retryDelay, fault };
      return resolveCached(header, token);
    }
  };
};

/** Whether it is the token, and not the issuer, that is at fault. */
const isTokenFault = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;

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
export class KeysUnreachable extends Error {
  override name = 'KeysUnreachable';
}

/** How long keys are kept, in milliseconds. Tests make these short. */
export type KeyTimes = {
  /** After which they are asked for again. */
  fresh: number;
  /** For which they are still good while the issuer cannot be reached: it may have taken one back since. */
  good: number;
  /** Between two questions because of a key that is not known: anybody can name one. */
  cooldown: number;
  /** For which the issuer is not asked again after it could not be reached. */
  pause: number;
  /** The longest wait for its answer. */
  timeout: number;
};

const defaultTimes: KeyTimes = {
  fresh: 10 * 60_000,
  good: 86_400_000,
  cooldown: 30_000,
  pause: 10_000,
  timeout: 3_000,
};

/**
 * Finds the key that a token is signed with among the issuer's. While the issuer cannot be reached, the known keys go on.
 * @throws KeysUnreachable, or jose's own error if the issuer has no such key
 */
export const issuerKeys = (url: URL, times: Partial<KeyTimes> = {}): JWTVerifyGetKey => {
  const { fresh, good, cooldown, pause, timeout } = { ...defaultTimes, ...times };
  const cache: JWKSCacheInput = {};
  const remote = createRemoteJWKSet(url, {
    [jwksCache]: cache,
    cacheMaxAge: fresh,
    cooldownDuration: cooldown,
    timeoutDuration: timeout,
  });
  let outage: { until: number; fault: unknown } = { until: 0, fault: undefined };

  const amongKnown: JWTVerifyGetKey = async (header, token) => {
    const { uat: at, jwks } = cache as Partial<ExportedJWKSCache>;
    try {
      if (jwks && Date.now() < (at ?? 0) + good) return await createLocalJWKSet(jwks)(header, token);
    } catch (error) {
      if (!isAboutToken(error)) throw error;
    }
    throw new KeysUnreachable('The keys of the issuer of tokens cannot be had', { cause: outage.fault });
  };

  return async (header, token) => {
    if (Date.now() < outage.until) return amongKnown(header, token);
    try {
      return await remote(header, token);
    } catch (fault) {
      if (isAboutToken(fault)) throw fault;
      outage = { until: Date.now() + pause, fault };
      return amongKnown(header, token);
    }
  };
};

/** Whether it is the token, and not the issuer, that is at fault. */
const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;

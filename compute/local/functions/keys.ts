import { createHash, timingSafeEqual } from 'node:crypto';

/** The function key opens `/api`; the system key opens everything, so it is also the master key. */
export type Keys = { function: string; system: string };

/** The level of access that a path asks for. */
export type AccessLevel = keyof Keys;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Checks a request's key (header `x-functions-key`, else `?code=`) in a time that tells nothing about the right one. */
export const keyCheck = (keys: Keys): ((request: Request, level: AccessLevel) => boolean) => {
  const digests = { function: digest(keys.function), system: digest(keys.system) };
  return (request, level) => {
    const key = request.headers.get('x-functions-key') ?? new URL(request.url).searchParams.get('code') ?? '';
    const given = digest(key);
    const isSystem = timingSafeEqual(given, digests.system);
    const isFunction = timingSafeEqual(given, digests.function);
    return isSystem || (level === 'function' && isFunction);
  };
};

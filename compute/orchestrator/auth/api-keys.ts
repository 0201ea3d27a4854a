import { hash, timingSafeEqual } from 'node:crypto';
import { registerSecret } from '../../../runtime/secrets.ts';
import type { Caller } from './caller.ts';
import type { KeyRule } from './settings.ts';

/** Returns the key of a request, as Azure Functions does: from the header `x-functions-key`, otherwise from `?code=`. */
export const readKey = (request: Request): string | undefined => {
  const key = request.headers.get('x-functions-key') || new URL(request.url).searchParams.get('code');
  return key || undefined;
};

const hashKey = (key: string): Buffer => hash('sha256', key, 'buffer');

/** Returns a function that compares keys with a known key in constant time. */
export const createKeyCheck = (known: string): ((key: string) => boolean) => {
  const digest = hashKey(known);
  return (key) => timingSafeEqual(hashKey(key), digest);
};

/** Returns a function that finds the caller of a key; undefined for an unknown key. It compares with all keys, to take constant time. */
export const createKeyLookup = (
  platform: readonly string[],
  rules: readonly KeyRule[],
): ((key: string) => Caller | undefined) => {
  const known: [digest: Buffer, caller: Caller][] = [
    ...platform.map((key): [Buffer, Caller] => [hashKey(key), { kind: 'platform' }]),
    ...rules.map((rule): [Buffer, Caller] => [Buffer.from(rule.sha256, 'hex'), toCaller(rule)]),
  ];
  return (key) => {
    const digest = hashKey(key);
    const [found] = known.filter(([each]) => timingSafeEqual(digest, each));
    // The settings contain only digests of keys; this key has one of them.
    if (found) registerSecret(key);
    return found?.[1];
  };
};

const toCaller = ({ name, repositories, ...grant }: KeyRule): Caller => ({
  kind: 'guest',
  name: `key ${name}`,
  shown: { kind: 'key', name },
  grants: [grant],
  repositories: repositories && { ids: repositories },
});

import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createKeyLookup } from '../../../../compute/orchestrator/auth/api-keys.ts';
import { CallerSettings } from '../../../../compute/orchestrator/auth/settings.ts';
import { readSettings } from '../../../../runtime/settings.ts';
import { maskSecrets } from '../../../../runtime/log.ts';

test('a key that is known only by its digest is masked after its first use; a wrong key is rejected', () => {
  const [key, wrong] = [randomBytes(24).toString('base64url'), randomBytes(24).toString('base64url')];
  const sha256 = createHash('sha256').update(key).digest('hex');
  const COXSWAIN_KEYS = JSON.stringify([{ name: 'nightly', sha256, scopes: ['read'] }]);
  const holderOf = createKeyLookup([], readSettings(CallerSettings, { COXSWAIN_KEYS }).COXSWAIN_KEYS);
  expect(maskSecrets(`<${key}>`)).toBe(`<${key}>`);
  expect(holderOf(wrong)).toBeUndefined();
  expect(holderOf(key)).toMatchObject({ name: 'key nightly' });
  expect(maskSecrets(`<${key}> <${wrong}>`)).toBe(`<[redacted]> <${wrong}>`);
});

import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { toLockKey, toLockKeyPart } from '../../../chatops/command/values/lock-key.ts';
import { LockKey } from '../../../contracts/conditions.ts';

test.each([
  ['vm/web-1', 'vm/web-1'],
  ['VM/Web_1.~', 'vm/web_1.~'],
  ['a b', 'a%20b'],
  ['a%20B', 'a%20b'],
  ['100%', '100%25'],
  ['%zz', '%25zz'],
  ['ä', '%c3%a4'],
  ['a\u0308', '%c3%a4'],
  ['Ä', '%c3%a4'],
  ["!'()*", '%21%27%28%29%2a'],
  ['🚣', '%f0%9f%9a%a3'],
  ['a'.repeat(200), 'a'.repeat(200)],
  ['a'.repeat(201), undefined],
  ['', undefined],
  ['vm/', undefined],
])('the key of %s is %s', (text, key) => expect(toLockKey(text)).toBe(key));

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('%', '2', 'f', 'A', '/', ' ', 'ß', 'İ', '\ud800'), maxLength: 12 }),
);

test('a key is accepted by the orchestrator and maps to itself', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const key = toLockKey(text);
      if (key === undefined) return;
      expect(v.is(LockKey, key)).toBe(true);
      expect(toLockKey(key)).toBe(key);
    }),
  );
});

test('different values become different parts without slashes', () => {
  fc.assert(
    fc.property(texts, texts, (one, other) => {
      const form = (text: string): string => text.toWellFormed().normalize('NFC').toLowerCase();
      expect(toLockKeyPart(one)).not.toContain('/');
      expect(toLockKeyPart(one) === toLockKeyPart(other)).toBe(form(one) === form(other));
    }),
  );
});

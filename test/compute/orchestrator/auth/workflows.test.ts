import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isTrusted } from '../../../../compute/orchestrator/auth/workflows.ts';

const matches = (pattern: string, ref: string): boolean =>
  isTrusted(
    { repositoryId: '1', ref: pattern, scopes: [], tasks: '*', algorithms: '*' },
    { repository_id: '1', ref },
  );

const wildcards = new Map([
  ['*', '[^/]*'],
  ['**', '.*'],
]);

test('a pattern of a ref matches like the equivalent regular expression', () => {
  const pattern = fc.array(fc.constantFrom('*', '**', 'a', '/', '.'), { maxLength: 8 });
  const ref = fc.array(fc.constantFrom('a', '/', '.', '\n', 'b'), { maxLength: 8 });
  fc.assert(
    fc.property(pattern, ref, (parts, characters) => {
      const [text, value] = [parts.join(''), characters.join('')];
      const source = text.split(/(\*\*|\*)/).map((part) => wildcards.get(part) ?? RegExp.escape(part));
      expect(matches(text, value)).toBe(new RegExp(`^${source.join('')}$`, 's').test(value));
    }),
    { numRuns: 2_000 },
  );
});

// As a regular expression, this would take exponential time.
test('a pattern with many wildcards is matched in bounded time', () => {
  expect(matches(`${'**a'.repeat(20)}x`, 'a'.repeat(1_000))).toBe(false);
  expect(matches(`${'*a'.repeat(20)}**`, 'a'.repeat(1_000))).toBe(true);
});

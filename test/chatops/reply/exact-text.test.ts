import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isShownWhole, showCharacters } from '../../../chatops/reply/exact-text.ts';
import { exactly } from '../../../chatops/reply/exactly.ts';
import { deceptiveValue, describeMismatch } from './exact-values.ts';
import { compute } from './jobs.ts';

describe('a value is shown with nothing in it hidden', () => {
  test.each([
    ['web-1', 'web-1'],
    ['two words', 'two words'],
    ['web-1\u001b]0; and the database\u0007', 'web-1⟨U+001B⟩]0; and the database⟨U+0007⟩'],
    ['\u001b[8mhidden\u001b[0m', '⟨U+001B⟩[8mhidden⟨U+001B⟩[0m'],
    ['web-1\u{e0061}', 'web-1⟨U+E0061⟩'],
    ['web\u200b-\u20601\u00ad', 'web⟨U+200B⟩-⟨U+2060⟩1⟨U+00AD⟩'],
    ['web\u3164', 'web⟨U+3164⟩'],
    ['web\ufe0f', 'web⟨U+FE0F⟩'],
    ['⚙️', '⚙️'],
    ['a\nb\tc', 'a⟨U+000A⟩b⟨U+0009⟩c'],
    ['a\u00a0b', 'a⟨U+00A0⟩b'],
    ['a   b ', 'a ⟨U+0020⟩⟨U+0020⟩b⟨U+0020⟩'],
    [' ', '⟨U+0020⟩'],
    ['⟨U+001B⟩', '⟨U+27E8⟩U+001B⟩'],
    [String.raw`a\|b`, 'a⟨U+005C⟩|b'],
    ['\ud800', '⟨U+D800⟩'],
    ['<!-- coxswain', '⟨U+003C⟩!-- coxswain'],
  ])('%j as %s', (value, shown) => {
    expect(showCharacters(value)).toBe(shown);
  });

  test('whatever it holds, an approver reads exactly that value', () => {
    fc.assert(
      fc.property(deceptiveValue, (value) => {
        fc.pre(value !== '' && isShownWhole(value));
        expect(describeMismatch(value)).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  test('however long it is', () => {
    const value = 'x'.repeat(20_000);
    expect(exactly(compute({ request: { parameters: { who: value } } }))).toContain(`\`${value}\``);
  });
});

test.each([
  ['web-1', true],
  ['design=flat', true],
  ['https://x.example/a?sv=1&sig=abc', false],
  ['AccountKey=abc;and=the+database', false],
])('%j is shown whole: %s', (value, whole) => {
  expect(isShownWhole(value)).toBe(whole);
});

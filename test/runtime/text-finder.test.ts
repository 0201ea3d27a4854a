import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { TextFinder } from '../../runtime/text-finder.ts';

/** The same, by looking at every place for every text. */
const replaced = (text: string, wanted: readonly string[]): string => {
  const covered = Array.from({ length: text.length }, () => false);
  const begins = Array.from({ length: text.length }, () => false);
  let end = 0;
  for (let at = 0; at < text.length; at += 1) {
    const longest = Math.max(0, ...wanted.filter((one) => text.startsWith(one, at)).map((one) => one.length));
    if (longest > 0 && at >= end) begins[at] = true;
    end = Math.max(end, longest > 0 ? at + longest : 0);
    covered[at] = at < end;
  }
  return text
    .split('')
    .map((char, at) => (begins[at] ? '*' : covered[at] ? '' : char))
    .join('');
};

const letters = fc.constantFrom('a', 'b', 'c', 'é', '🔑'[0]!, '\n');
const textOf = (minLength: number, maxLength: number) => fc.string({ unit: letters, minLength, maxLength });

describe('the finder of texts', () => {
  test('finds what a look at every place finds, also after some were removed', () => {
    fc.assert(
      fc.property(
        fc.array(textOf(4, 9), { maxLength: 12 }),
        fc.array(textOf(4, 6), { maxLength: 6 }),
        textOf(0, 200),
        (kept, removed, text) => {
          const finder = new TextFinder(4);
          [...kept, ...removed].forEach((one) => finder.add(one));
          removed.forEach((one) => finder.remove(one));
          expect(finder.replace(text, '*')).toBe(replaced(text, kept));
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    ['nothing', [], 'abcdefgh', 'abcdefgh'],
    ['the whole text', ['abcdefgh'], 'abcdefgh', '*'],
    ['at both ends', ['abcdefgh'], 'abcdefgh-abcdefgh', '*-*'],
    ['the longest', ['abcdefgh', 'abcdefghij'], '<abcdefghij>', '<*>'],
    ['two that overlap', ['abcdefgh', 'efghijkl'], '<abcdefghijkl>', '<*>'],
    ['two side by side', ['abcdefgh', 'ijklmnop'], '<abcdefghijklmnop>', '<**>'],
    ['nothing in a shorter text', ['abcdefgh'], 'abcdefg', 'abcdefg'],
  ])('%s', (_, wanted, text, expected) => {
    const finder = new TextFinder(8);
    wanted.forEach((one) => finder.add(one));
    expect(finder.replace(text, '*')).toBe(expected);
  });
});

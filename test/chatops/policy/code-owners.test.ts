import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { hasCodeOwner } from '../../../chatops/policy/index.ts';

const policy = '.github/coxswain.yml';
const isOwned = (file: string): boolean => hasCodeOwner(file, policy);

describe('patterns of CODEOWNERS that cover the policy', () => {
  test.each([
    '*',
    '**',
    '*.yml',
    'coxswain.yml',
    '/.github/coxswain.yml',
    '.github/coxswain.yml',
    '.github/',
    '/.github/',
    '/.github',
    '.github',
    '.github/*',
    '/.github/*.yml',
    '.github/**',
    '.github/**/*',
    '**/coxswain.yml',
    '**/.github/coxswain.*',
    '.git*/',
    '/.git*',
    '/*/',
    '/*/coxswain.yml',
    '/**/coxswain.yml',
    '/.github/**/coxswain.yml',
    '.github/c?xswain.yml',
    '.github/**xswain.yml',
    String.raw`.github/coxswain\.yml`,
  ])('%s', (pattern) => {
    expect(isOwned(`${pattern} @acme/ops`)).toBe(true);
  });
});

describe('patterns that do not', () => {
  test.each([
    '/*',
    '/coxswain.yml',
    '.github/coxswain.yml/',
    '.github/coxswain.yml/**',
    '.github/coxswain.yml/*',
    '.github/coxswain.yaml',
    '.github/Coxswain.yml',
    '.github/workflows/',
    '.github/*/coxswain.yml',
    'github/',
    '/docs/.github/coxswain.yml',
    'coxswain',
    '.github/coxswain?yml?',
    String.raw`.github/coxswain.ym\*`,
    String.raw`\#.github/coxswain.yml`,
    '/',
    '//',
    '!.github/coxswain.yml',
    '.github/coxswain.[y]ml',
    '***',
    '#.github/coxswain.yml',
  ])('%s', (pattern) => {
    expect(isOwned(`${pattern} @acme/ops`)).toBe(false);
  });
});

describe('the last matching line decides', () => {
  test.each<[string, string, boolean]>([
    ['a later one without owners', '* @mona\n.github/\n', false],
    ['a later one with owners', '.github/\n/.github/coxswain.yml @mona\n', true],
    ['a later one that does not match', '* @mona\ndocs/\n', true],
    ['a later one without owners but a comment', '* @mona\n.github/ # @acme/ops is asked by hand\n', false],
    ['an empty file', '', false],
    ['comments alone', '# * @mona\n   # * @mona\n', false],
    ['one with a comment behind its owners', '* @mona #@nobody and more', true],
    ['an email address', '* mona@example.com', true],
    ['several owners', '*\t@mona  @acme/ops\tmona@example.com ', true],
    ['lines that end as on Windows', 'docs/ @mona\r\n.github/ @mona\r\n* \r\n/docs/ @mona\r\n', false],
    ['blanks before the pattern', '   .github/ @mona', true],
    ['a blank in a pattern', String.raw`.github/\ coxswain.yml @mona`, false],
    ['an invalid line is skipped', '* @mona\n.github/ nobody\n', true],
    ['an invalid line owns nothing', '.github/ nobody', false],
    ['an owner that is only half valid', '.github/ @mona @', false],
    ['a negation is skipped', '* @mona\n!.github/\n', true],
    ['a range is skipped', '* @mona\n.github/[c]oxswain.yml\n', true],
  ])('%s', (_what, file, owned) => {
    expect(isOwned(file)).toBe(owned);
  });
});

/** The meaning of a pattern as a regular expression, which may take its time here. */
const expressionOf = (pattern: string): RegExp => {
  const parts = pattern.split('/');
  const rooted = parts.length > 1 && !(parts.length === 2 && parts[1] === '');
  let text = parts[0] === '' ? parts.slice(1).join('/') : rooted ? pattern : `**/${pattern}`;
  if (text.endsWith('/')) text += '**';
  const below = /(?:^|\/)\*\*?$/.test(text) ? '' : '(?:/.*)?';
  const source = text
    .replaceAll('.', String.raw`\.`)
    .replaceAll(/(?<=^|\/)\*\*\/|\/\*\*$|^\*\*$|\*+|\?/g, (glob, _at, whole) => {
      if (glob === '**/') return '(?:.+/)?';
      if (glob === '/**') return '/.+';
      if (glob === '?') return '[^/]';
      return glob === whole && glob === '**' ? '.+' : '[^/]*';
    });
  return new RegExp(`^${source}${below}$`);
};

test('random patterns mean what they mean as regular expressions', () => {
  const part = fc.constantFrom('*', '**', '?', 'a', 'b', 'ab', '*a', 'a*', '*b*', '?b', 'a?', 'a**', '.a');
  const name = fc.constantFrom('a', 'b', 'ab', 'ba', '.a', 'abb');
  const pattern = fc
    .tuple(fc.constantFrom('', '/'), fc.array(part, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '/'))
    .map(([before, parts, after]) => `${before}${parts.join('/')}${after}`);
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
  fc.assert(
    fc.property(pattern, path, (glob, at) => {
      expect([glob, at, hasCodeOwner(`${glob} @mona`, at)]).toEqual([glob, at, expressionOf(glob).test(at)]);
    }),
    { numRuns: 5_000 },
  );
});

test.each([
  ['stars', '*a'],
  ['folders', '**/'],
  ['stars and marks', '**?'],
  ['short lines', '/*/*/*\n'],
  ['backslashes', '\\'],
  ['owners', 'a '],
  ['at signs', '@'],
  ['addresses', 'x a@a@'],
  ['blanks', ' '],
  ['comments', '\t#'],
])('a large file of %s is read in linear time', (_what, piece) => {
  // A pattern that backtracks, or a list that is searched again and again, would not end within the time of a test.
  const file = piece.repeat(262_144 / piece.length);
  expect(isOwned(`${file}\n/.github/coxswain.yml @mona`)).toBe(true);
  expect(isOwned(`.github/ @mona\n${file} nobody`)).toBe(true);
});

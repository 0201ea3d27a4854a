import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { RE2JS } from 're2js';
import { isNode, parseDocument, visit } from 'yaml';
import { maxPolicyBytes, readPolicy } from '../../../chatops/policy/index.ts';
import { maxAliases, maxNodes } from '../../../chatops/policy/yaml-document.ts';
import { maxPatternSize, maxPatternsSize, maxWideClasses } from '../../../contracts/pattern-limits.ts';
import { maxPatterns } from '../../../chatops/policy/pattern-budget.ts';
import type { PolicyProblem } from '../../../chatops/policy/policy.ts';

/* Anybody may open a pull request with a policy in it: reading one is bounded work. */

afterEach(() => void jest.restoreAllMocks());

const mistakesIn = (text: string): PolicyProblem[] => {
  const read = readPolicy(text);
  return 'mistakes' in read ? read.mistakes : [];
};

/** A policy whose only task has such patterns. */
const withPatterns = (patterns: readonly string[]): string =>
  `version: 1\ntasks:\n  A:\n    parameters:\n${patterns.map((one, n) => `      p${n}: {pattern: '${one}'}\n`).join('')}`;
const many = (count: number, of: (n: number) => string): string[] =>
  Array.from({ length: count }, (_, n) => of(n));

describe('patterns', () => {
  test('are compiled once, regardless of aliases', () => {
    const compile = jest.spyOn(RE2JS, 'compile');
    const rules = many(40, (n) => `p${n}: {pattern: 'once{${(n % 5) + 100}}'}`).join(', ');
    const tasks = many(99, (n) => `  T${n}: *rules\n`).join('');
    const text = `version: 1\ntasks:\n  A: &rules {parameters: {${rules}}}\n${tasks}`;
    expect(mistakesIn(text)).toEqual([]);
    expect(compile).toHaveBeenCalledTimes(5);
    expect(readPolicy(text)).toHaveProperty('policy');
    expect(compile).toHaveBeenCalledTimes(5);
  });

  test('of one file are limited in number, and no further one is compiled', () => {
    expect(mistakesIn(withPatterns(many(maxPatterns, (n) => `number${n}`)))).toEqual([]);
    const compile = jest.spyOn(RE2JS, 'compile');
    expect(mistakesIn(withPatterns(many(1_500, (n) => `count${n}`)))).toMatchObject([
      {
        line: 5 + maxPatterns,
        message: 'The file has too many patterns',
        expected: 'at most 200 different patterns',
        received: 'more than 200',
      },
    ]);
    expect(compile).toHaveBeenCalledTimes(maxPatterns);
  });

  test.each([
    ['a{1000}'.repeat(6), 6_002],
    [`(${'ab'.repeat(245)}){1000}`, 492_002],
    [`(((${'a'.repeat(100)}){10}){10}){10}`, 102_222],
    [`(${'\\pL'.repeat(90)}){1000}`, 92_002],
  ])('are limited in what each compiles to: %s', (pattern, size) => {
    const compile = jest.spyOn(RE2JS, 'compile');
    expect(mistakesIn(withPatterns([pattern, 'never compiled', pattern]))).toMatchObject([
      {
        line: 5,
        path: 'tasks.A.parameters.p0.pattern',
        message: 'The pattern is too large',
        expected: `a pattern that compiles to at most ${maxPatternSize} instructions`,
        received: `${size} instructions`,
      },
    ]);
    expect(compile).toHaveBeenCalledTimes(1);
  });

  test('are limited in what all of them compile to', () => {
    const compile = jest.spyOn(RE2JS, 'compile');
    const [mistake, ...more] = mistakesIn(withPatterns(many(199, (n) => `total${n}a{990}`)));
    expect(more).toEqual([]);
    expect(mistake).toMatchObject({
      message: 'The patterns in this file are too large in total',
      expected: `patterns that compile to at most ${maxPatternsSize} instructions`,
      received: expect.stringMatching(/^at least 50\d\d\d instructions$/),
    });
    expect(compile.mock.calls.length).toBeLessThan(52);
  });

  test.each([
    String.raw`[a-\x{10ffff}]`,
    String.raw`\pL`,
    String.raw`[^\P{Greek}]`,
    '[a-\u{10ffff}]',
    '[a-ſ]',
  ])('are limited in classes beyond ASCII, which are slow to compile without regard to case: %s', (wide) => {
    const patterns = many(12, (n) => `(?i)${n}${wide.repeat(10)}`);
    expect(mistakesIn(withPatterns(patterns.slice(0, 10)))).toEqual([]);
    const compile = jest.spyOn(RE2JS, 'compile');
    expect(mistakesIn(withPatterns([...patterns, 'never compiled']))).toMatchObject([
      {
        line: 15,
        message: 'The patterns in this file have too many character classes',
        expected: String.raw`at most ${maxWideClasses} classes such as \pL and ranges beyond ASCII in all patterns`,
        received: 'at least 110',
      },
    ]);
    expect(compile.mock.calls.flat()).not.toContain('never compiled');
  });

  test('of ranges within ASCII are not limited in classes', () => {
    const patterns = many(maxPatterns, (n) => String.raw`(?i)[a-z0-9_\-\.]+[\w-]{0,${n + 1}}`);
    expect(mistakesIn(withPatterns(patterns))).toEqual([]);
  });

  test('are checked in a file that has other mistakes too', () => {
    const text = 'version: 1\nentry: none\ncompute: {parameters: {a: {pattern: "("}, b: {pattern: 1}}}\n';
    expect(mistakesIn(text).map(({ path }) => path)).toEqual([
      'entry',
      'compute.parameters.a.pattern',
      'compute.parameters.b.pattern',
    ]);
  });
});

describe('aliases', () => {
  const list = (count: number): string => `[${many(count, () => 'a').join(',')}]`;

  test('are limited in number', () => {
    const text = (count: number) => `version: 1\nx: &x a\nlabels: [${many(count, () => '*x').join(', ')}]\n`;
    expect(mistakesIn(text(maxAliases)).some(({ message }) => message.includes('aliases'))).toBe(false);
    expect(mistakesIn(text(101))).toMatchObject([
      {
        line: 3,
        message: 'The file has too many aliases',
        expected: 'at most 100 aliases',
        received: '101 aliases',
      },
    ]);
  });

  test('are counted as expanded, without expanding them', () => {
    const text = `version: 1\nx: &x ${list(20_000)}\ny: [${many(100, () => '*x').join(', ')}]\n`;
    expect(mistakesIn(text)).toMatchObject([
      {
        line: 3,
        message: 'The file has too many values after its aliases are expanded',
        expected: `at most ${maxNodes} keys and values`,
        // The file, its three keys and three values, and the entries of the list; then the list for each alias.
        received: `${7 + 20_000 + 100 * 20_001} keys and values`,
      },
    ]);
  });

  test('that stay within the limit are fine', () => {
    const text = `version: 1\ntasks:\n  A: &a {parameters: {p: {allowed: ${list(180)}}}}\n${many(100, (n) => `  T${n}: *a\n`).join('')}`;
    expect(mistakesIn(text)).toEqual([]);
  });
});

test('the entries of a list that is too long are not checked', () => {
  const text = (count: number) =>
    `version: 1\ncompute: {allow: {users: [${many(count, () => '-a').join(',')}]}}\n`;
  expect(mistakesIn(text(15_000))).toMatchObject([
    { path: 'compute.allow.users', expected: 'at most 100 entries' },
  ]);
  expect(mistakesIn(text(100))).toHaveLength(100);
});

test('syntax errors are made without stack traces, which take seconds, and the first ten are shown', () => {
  const { stackTraceLimit } = Error;
  const limits: number[] = [];
  Object.defineProperty(Error, 'stackTraceLimit', {
    configurable: true,
    get: () => limits.at(-1) ?? stackTraceLimit,
    set: (limit: number) => void limits.push(limit),
  });
  try {
    expect(mistakesIn(`users: [${'-,'.repeat(32_000)}]`)).toHaveLength(10);
  } finally {
    Object.defineProperty(Error, 'stackTraceLimit', {
      configurable: true,
      writable: true,
      value: stackTraceLimit,
    });
  }
  expect(limits).toEqual([0, stackTraceLimit]);
});

test('each duplicate key is reported, and so is a file’s size', () => {
  expect(mistakesIn('version: 1\nchecks: true\nchecks: false\n')).toMatchObject([
    { line: 3, column: 1, message: 'This key is defined twice' },
  ]);
  expect(mistakesIn(' '.repeat(70_000))).toMatchObject([
    { expected: 'at most 65536 bytes', received: '70000 bytes' },
  ]);
});

test('every limit is at least ten times the largest example in the docs', () => {
  const documented = readFileSync('docs/policy.md', 'utf8');
  const examples = [...documented.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);
  const written = [...documented.matchAll(/`pattern`.*?`([^`]+)`/g)].map(([, text = '']) => text);
  expect(examples.length).toBeGreaterThan(0);
  for (const text of examples) {
    const document = parseDocument(text);
    const patterns = new Set<string>(written.filter((one) => /^[\w[\]+-]+$/.test(one)));
    let [nodes, aliases] = [0, 0];
    visit(document, {
      Node: (_key, node) => void (isNode(node) && (nodes += 1)),
      Alias: () => void (aliases += 1),
      Pair: (_key, { key, value }) => {
        if (String(key) === 'pattern') patterns.add(String(value));
      },
    });
    const sizes = [...patterns].map((one) => RE2JS.compile(one).programSize());
    expect(sizes.length).toBeGreaterThan(0);
    expect(Buffer.byteLength(text) * 10).toBeLessThanOrEqual(maxPolicyBytes);
    expect(nodes * 10).toBeLessThanOrEqual(maxNodes);
    expect(aliases * 10).toBeLessThanOrEqual(maxAliases);
    expect(sizes.length * 10).toBeLessThanOrEqual(maxPatterns);
    expect(Math.max(...sizes) * 10).toBeLessThanOrEqual(maxPatternSize);
    expect(sizes.reduce((sum, size) => sum + size, 0) * 10).toBeLessThanOrEqual(maxPatternsSize);
  }
});

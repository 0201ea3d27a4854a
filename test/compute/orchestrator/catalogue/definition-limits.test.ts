import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { RE2JS } from 're2js';
import { parseDefinition } from '../../../../compute/orchestrator/catalogue/catalogue.ts';
import {
  definitionLimits,
  maxDefinitionBytes,
} from '../../../../compute/orchestrator/catalogue/definition-limits.ts';
import { expectedFewerSteps, maxPatternSize, maxPatternsSize } from '../../../../contracts/pattern-limits.ts';
import { TaskPatternMatcher } from '../../../../compute/orchestrator/catalogue/task-patterns.ts';
import {
  findMismatch,
  resolveParameters,
} from '../../../../compute/orchestrator/catalogue/resolve-parameters.ts';

/* A definition is parsed with each request for its task. The work is limited, whatever the definition contains. */

afterEach(() => void jest.restoreAllMocks());

type Fields = Record<string, unknown>;
const definition = (fields: Fields): string =>
  JSON.stringify({ taskName: 'Deploy', dockerImage: 'image', scriptName: 'deploy.sh', ...fields });
const withParameters = (...parameters: Fields[]): string =>
  definition({ scriptParameters: parameters.map((one, n) => ({ parameterName: `p${n}`, ...one })) });
const list = <T>(length: number, of: (n: number) => T): T[] => Array.from({ length }, (_, n) => of(n));
const messageOf = (text: string): string | undefined => {
  const read = parseDefinition('Deploy', text);
  return read.ok ? undefined : read.problem.message.replace('The definition of Deploy is not valid: ', '');
};
const { parameters, allowedValues, descriptionCharacters, imageCharacters, valueCharacters } =
  definitionLimits;

describe('a definition', () => {
  test.each([
    [
      'parameters',
      (n: number) => withParameters(...list(n, () => ({}))),
      parameters,
      'it has 101 parameters; at most 100 are allowed',
    ],
    [
      'allowed values',
      (n: number) => withParameters({ allowed: list(n, (value) => value) }),
      allowedValues,
      'p0 has 1001 allowed values; at most 1000 are allowed',
    ],
    [
      'its description',
      (n: number) => definition({ description: 'd'.repeat(n) }),
      descriptionCharacters,
      'its description has 2001 characters; at most 2000 are allowed',
    ],
    [
      'a parameter’s description',
      (n: number) => withParameters({}, { description: 'd'.repeat(n) }),
      descriptionCharacters,
      'the description of p1 has 2001 characters; at most 2000 are allowed',
    ],
    [
      'its image',
      (n: number) => definition({ dockerImage: 'i'.repeat(n) }),
      imageCharacters,
      'its dockerImage has 501 characters; at most 500 are allowed',
    ],
    [
      'a default',
      (n: number) => withParameters({ default: 'v'.repeat(n) }),
      valueCharacters,
      'the default of p0 has 32769 characters; at most 32768 are allowed',
    ],
    [
      'a pattern',
      (n: number) => withParameters({ pattern: 'a'.repeat(n) }),
      500,
      'the pattern of p0 has 501 characters; at most 500 are allowed',
    ],
    [
      'bytes',
      (n: number) => definition({}).padEnd(n),
      maxDefinitionBytes,
      'it has 65537 bytes; at most 65536 are allowed',
    ],
  ])('has a limit of %s, which its message names with what it has', (_, of, most, message) => {
    expect(messageOf(of(most))).toBeUndefined();
    expect(messageOf(of(most + 1))).toBe(message);
  });

  test.each([
    ['a{1000}'.repeat(6), 6_002],
    [`(${'ab'.repeat(245)}){1000}`, 492_002],
    [`(((${'a'.repeat(100)}){10}){10}){10}`, 102_222],
    [`(${'\\pL'.repeat(90)}){1000}`, 92_002],
  ])('has a limit of what a pattern compiles to: %s', (pattern, size) => {
    const compile = jest.spyOn(RE2JS, 'compile');
    const text = withParameters({ pattern }, { pattern: 'not reached' }, { pattern });
    const message = `the pattern of p0 compiles to ${size} instructions; at most ${maxPatternSize} are allowed`;
    for (let n = 0; n < 3; n += 1) expect(messageOf(text)).toBe(message);
    expect(compile).toHaveBeenCalledTimes(1);
  });

  test('has a limit for the compiled size of its patterns; none beyond it is compiled', () => {
    const compile = jest.spyOn(RE2JS, 'compile');
    const text = withParameters(...list(100, (n) => ({ pattern: `sum${n}a{990}` })));
    expect(messageOf(text)).toMatch(
      new RegExp(
        `^its patterns compile together to 5\\d{4} instructions; at most ${maxPatternsSize} are allowed$`,
      ),
    );
    expect(compile.mock.calls.length).toBeLessThan(52);
  });

  test('has a limit for wide classes, which are not compiled beyond it', () => {
    const compile = jest.spyOn(RE2JS, 'compile');
    const message = 'its patterns have 101 classes or ranges beyond ASCII; at most 100 are allowed';
    const wide = (n: number) => withParameters(...list(n, (one) => ({ pattern: `(?i)wide${one}\\pL` })));
    expect(messageOf(wide(100))).toBeUndefined();
    compile.mockClear();
    expect(messageOf(withParameters({ pattern: `(?i)${'\\PN'.repeat(101)}` }))).toBe(message);
    expect(messageOf(withParameters({ pattern: `(?i)[${'а-я'.repeat(101)}]` }))).toBe(message);
    expect(messageOf(withParameters({ pattern: '\\p{L}'.repeat(80) }, { pattern: '\\pL'.repeat(21) }))).toBe(
      message,
    );
    expect(compile.mock.calls.length).toBeLessThan(2);
  });

  test('can use one pattern for all its parameters, which is compiled once', () => {
    const compile = jest.spyOn(RE2JS, 'compile');
    const text = withParameters(...list(100, () => ({ pattern: 'all[a-z]{990}' })));
    for (let n = 0; n < 3; n += 1) expect(messageOf(text)).toBeUndefined();
    const read = parseDefinition('Deploy', text);
    if (!read.ok) throw new Error(read.problem.message);
    const given = list(2, (n) => ({ name: `p${n}`, value: `all${'x'.repeat(990)}` }));
    expect(resolveParameters(read.value, given)).toMatchObject({ ok: true });
    expect(compile).toHaveBeenCalledTimes(1);
  });

  test('has a limit for the steps to match its defaults', () => {
    const matches = jest.spyOn(RE2JS.prototype, 'matcher');
    const value = `all${'x'.repeat(990)}`;
    const same = (n: number) =>
      withParameters(...list(n, () => ({ pattern: 'all[a-z]{990}', default: value })));
    expect(messageOf(same(2))).toBeUndefined();
    expect(messageOf(same(60))).toBe(
      `the default of p2 is not an allowed value: expected ${expectedFewerSteps}`,
    );
    expect(matches).toHaveBeenCalledTimes(4);
  });

  test.each([
    ['(?=a)b', 'the pattern of p0 is not a regular expression'],
    ['(', 'the pattern of p0 is not a regular expression'],
    ['(a)\\1', 'the pattern of p0 is not a regular expression'],
    ['a{1001}', 'the pattern of p0 is not a regular expression'],
  ])('takes no pattern that is not RE2, and tries it once: %s', (pattern, message) => {
    const compile = jest.spyOn(RE2JS, 'compile');
    for (let n = 0; n < 3; n += 1) expect(messageOf(withParameters({ pattern }))).toBe(message);
    expect(compile.mock.calls.length).toBeLessThan(2);
  });

  test.each([
    ['deep lists', `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`],
    [
      'depth around a number that would be rounded',
      `{"taskName":"Deploy","dockerImage":"i","scriptName":"s","a":${'['.repeat(30_000)}12345678901234567890${']'.repeat(30_000)}}`,
    ],
    ['a long number', `{"taskName":"Deploy","dockerImage":"i","scriptName":"s","a":1${'0'.repeat(60_000)}1}`],
    ['deep objects', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)],
    ['a parameter that is a list', definition({ scriptParameters: [list(20_000, () => 1)] })],
    [
      'the same parameter again and again',
      definition({ scriptParameters: list(2_000, () => ({ parameterName: 'p' })) }),
    ],
    ['a long name', withParameters({ parameterName: 'p'.repeat(60_000) })],
  ])('that is hostile otherwise is not valid, and no fault: %s', (_, text) => {
    expect(messageOf(text)).toEqual(expect.any(String));
  });
});

describe('a value', () => {
  const parameter = (pattern: string) => ({
    parameterName: 'p',
    parameterType: 'string' as const,
    required: false,
    secret: false,
    pattern,
  });

  test('is matched against its pattern, compiled once', () => {
    const compile = jest.spyOn(RE2JS, 'compile');
    const matcher = new TaskPatternMatcher();
    for (let n = 0; n < 50; n += 1)
      expect(findMismatch(parameter('once[0-9]+'), `once${n}`, matcher)).toBeUndefined();
    expect(findMismatch(parameter('once[0-9]+'), 'once', matcher)).toBe(
      'a string that matches once[0-9]+ as a whole',
    );
    expect(compile).toHaveBeenCalledTimes(1);
  });

  test('is refused with the limit if all values of its request take too many steps', () => {
    const pattern = '.*(a|b).{990}';
    const most = Math.floor(2_000_000 / RE2JS.compile(pattern).programSize());
    const task = {
      taskName: 'Deploy',
      dockerImage: '',
      scriptName: 's',
      scriptParameters: list(100, (n) => ({ ...parameter(pattern), parameterName: `p${n}` })),
    };
    const given = (count: number, length: number) =>
      list(count, (n) => ({ name: `p${n}`, value: 'a'.repeat(length) }));
    const refusal = (name: string) => ({
      ok: false,
      problem: { code: 'invalid-parameter', field: `parameters.${name}`, expected: expectedFewerSteps },
    });
    expect(resolveParameters(task, given(1, most))).toMatchObject({ ok: true });
    expect(resolveParameters(task, given(1, most + 1))).toMatchObject(refusal('p0'));
    const matches = jest.spyOn(RE2JS.prototype, 'matcher');
    expect(resolveParameters(task, given(100, most))).toMatchObject(refusal('p1'));
    expect(matches).toHaveBeenCalledTimes(1);
  });
});

import { afterEach, expect, jest, test } from '@jest/globals';
import { RE2JS } from 're2js';
import { defaultGrammar, interpret, parseCommands } from '../../../chatops/command/index.ts';
import * as limits from '../../../contracts/pattern-limits.ts';
import * as ours from '../../../chatops/command/values/pattern.ts';
import type { TaskDefinition } from '../../../compute/client/index.ts';
import * as theirs from '../../../compute/orchestrator/catalogue/task-patterns.ts';

afterEach(() => void jest.restoreAllMocks());

test('a pattern is compiled once for all values', () => {
  const compile = jest.spyOn(RE2JS, 'compile');
  const matcher = new ours.CommandPatternMatcher();
  for (let n = 0; n < 50; n += 1) expect(matcher.match('value[0-9]+', `value${n}`)).toBe('match');
  expect(matcher.match('value[0-9]+', 'value')).toBe('mismatch');
  expect(compile).toHaveBeenCalledTimes(1);
});

test('policies, commands and the orchestrator have the same limits for patterns', () => {
  expect(limits).toMatchObject({
    maxPatternSize: 5_000,
    maxPatternsSize: 50_000,
    maxWideClasses: 100,
    maxMatchingSteps: 2_000_000,
    expectedFewerSteps:
      'shorter values: matching them with their patterns takes more than 2000000 steps (instructions times bytes)',
  });
  for (const [pattern, count] of [
    ['[a-z]', 0],
    ['\\pL\\P{Lu}', 2],
    ['[а-я][a-\\x{10ffff}]', 2],
    ['[ä-z]', 0],
  ] as const)
    expect([pattern, limits.countWideClasses(pattern)]).toEqual([pattern, count]);
});

const steps = (pattern: string, bytes: number) => RE2JS.compile(pattern).programSize() * bytes;

test.each([
  ['a command', ours.CommandPatternMatcher],
  ['a request', theirs.TaskPatternMatcher],
])('the steps of all values of %s are counted together, in bytes', (_of, Matcher) => {
  const pattern = '.*[a-cä].{900}';
  const most = Math.floor(2_000_000 / steps(pattern, 1));
  expect(new Matcher().match(pattern, 'a'.repeat(most))).toBe('match');
  expect(new Matcher().match(pattern, 'a'.repeat(most + 1))).toBe('exhausted');
  expect(new Matcher().match(pattern, 'ä'.repeat(most / 2 + 1))).toBe('exhausted');
  const matcher = new Matcher();
  expect(matcher.match(pattern, 'a'.repeat(most))).toBe('match');
  expect(matcher.match(pattern, 'a'.repeat(most))).toBe('exhausted');
  expect(matcher.match('[a-z]+', 'a')).toBe('exhausted');
});

test('a command whose values need too many steps is refused with the limit, before matching', () => {
  const matches = jest.spyOn(RE2JS.prototype, 'matcher');
  const pattern = '(.*a){900}b|a*';
  const task: TaskDefinition = {
    taskName: 'Deploy',
    dockerImage: 'image',
    scriptName: 'deploy.sh',
    scriptParameters: Array.from({ length: 60 }, (_, n) => ({
      parameterName: `p${n}`,
      parameterType: 'string',
      required: false,
      secret: false,
      pattern,
    })),
  };
  const given = task.scriptParameters.map(({ parameterName }) => `${parameterName}=${'a'.repeat(400)}`);
  const [item] = parseCommands(`/run Deploy ${given.join(' ')}`, defaultGrammar);
  if (item?.kind !== 'command') throw new Error('no command');
  const fit = Math.floor(2_000_000 / steps(pattern, 400));
  expect(fit).toBe(1);
  const reading = interpret(item.command, [task]);
  const { errors } = reading as { errors: object[] };
  expect(errors).toHaveLength(60 - fit);
  expect(errors[0]).toMatchObject({
    code: 'pattern-mismatch',
    message: 'p1 takes too many steps to match',
    expected: limits.expectedFewerSteps,
  });
  expect(matches).toHaveBeenCalledTimes(fit);
});

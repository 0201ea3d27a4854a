import type { TaskDefinition, TaskParameter } from '../../../contracts/task-definition.ts';
import { undeclared, unexpected, type Read } from '../../../contracts/problem.ts';
import { BoundedMatcher, fewerSteps } from './task-patterns.ts';

type Given = readonly { name: string; value: string }[];

/**
 * The values a task's script gets, by parameter name: those that were given, and defaults. A parameter with neither is left out.
 * The problem never shows the value of a secret parameter.
 */
export const taskValues = (task: TaskDefinition, given: Given): Read<Record<string, string>> => {
  const declared = task.scriptParameters;
  const values = new Map<string, string>();
  const matcher = new BoundedMatcher();
  for (const { name, value } of given) {
    const parameter = declared.find(({ parameterName }) => parameterName === name);
    if (!parameter) return undeclared(`task ${task.taskName}`, name, namesOf(task));
    if (values.has(name)) return wrong('invalid-parameter', name, 'one value', 'two');
    const expected = mismatchOf(parameter, value, matcher);
    if (expected !== undefined)
      return wrong('invalid-parameter', name, expected, parameter.secret ? 'another value' : value);
    values.set(name, value);
  }
  for (const parameter of declared) {
    const { parameterName: name, required } = parameter;
    if (values.has(name)) continue;
    if (parameter.default !== undefined) values.set(name, String(parameter.default));
    else if (required) return wrong('missing-parameter', name, expectation(parameter), 'nothing');
  }
  return { ok: true, value: Object.fromEntries(values) };
};

const wrong = (code: string, name: string, expected: string, received: string) =>
  unexpected(`parameters.${name}`, expected, received, code);

const namesOf = ({ scriptParameters }: TaskDefinition): string[] =>
  scriptParameters.map(({ parameterName }) => parameterName);

/**
 * Returns what is expected of a declared parameter instead of this value; undefined if it can have the value.
 * @param matcher the one for all values of a request, or all defaults of a definition
 */
export const mismatchOf = (
  parameter: TaskParameter,
  value: string,
  matcher: BoundedMatcher,
): string | undefined => {
  const { parameterType, allowed, pattern } = parameter;
  // An environment variable cannot hold a NUL.
  if (value.includes('\0') || !fits[parameterType](value)) return expectation(parameter);
  if (allowed && !allowed.some((one) => String(one) === value)) return expectation(parameter);
  const outcome = pattern === undefined ? 'match' : matcher.match(pattern, value);
  if (outcome === 'match') return undefined;
  return outcome === 'exhausted' ? fewerSteps : expectation(parameter);
};

const number = /^-?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,3})?$/;

const fits: Record<TaskParameter['parameterType'], (value: string) => boolean> = {
  string: () => true,
  number: (value) => number.test(value) && Number.isFinite(Number(value)),
  integer: (value) => /^-?\d{1,16}$/.test(value) && Number.isSafeInteger(Number(value)),
  boolean: (value) => value === 'true' || value === 'false',
};

const kinds = {
  string: 'a string',
  number: 'a number',
  integer: 'an integer',
  boolean: 'true or false',
} as const;

const expectation = ({ parameterType, allowed, pattern }: TaskParameter): string => {
  if (allowed) return `one of ${allowed.map(String).join(', ')}`;
  return pattern === undefined
    ? kinds[parameterType]
    : `${kinds[parameterType]} that matches ${pattern} as a whole`;
};

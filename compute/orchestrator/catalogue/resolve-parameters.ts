import type { TaskDefinition, TaskParameter } from '../../../contracts/task-definition.ts';
import { rejectUndeclaredParameter, rejectField, type ParseResult } from '../../../contracts/problem.ts';
import { describeParameter, findParameterMismatch } from '../../../contracts/task-parameters.ts';
import { expectedFewerSteps } from '../../../contracts/pattern-limits.ts';
import { TaskPatternMatcher } from './task-patterns.ts';

type RequestedValues = readonly { name: string; value: string }[];

/**
 * Returns the values of a task's parameters by name: the requested values and the defaults. A parameter with neither is omitted. The
 * problem never contains the value of a secret parameter.
 */
export const resolveParameters = (
  task: TaskDefinition,
  requested: RequestedValues,
): ParseResult<Record<string, string>> => {
  const declared = task.scriptParameters;
  const values = new Map<string, string>();
  const matcher = new TaskPatternMatcher();
  for (const { name, value } of requested) {
    const parameter = declared.find(({ parameterName }) => parameterName === name);
    if (!parameter) return rejectUndeclaredParameter(`task ${task.taskName}`, name, getParameterNames(task));
    if (values.has(name)) return toProblem('invalid-parameter', name, 'one value', 'two');
    const expected = findMismatch(parameter, value, matcher);
    if (expected !== undefined)
      return toProblem('invalid-parameter', name, expected, parameter.secret ? 'another value' : value);
    values.set(name, value);
  }
  for (const parameter of declared) {
    const { parameterName: name, required } = parameter;
    if (values.has(name)) continue;
    if (parameter.default !== undefined) values.set(name, String(parameter.default));
    else if (required) return toProblem('missing-parameter', name, describeParameter(parameter), 'nothing');
  }
  return { ok: true, value: Object.fromEntries(values) };
};

const toProblem = (code: string, name: string, expected: string, received: string) =>
  rejectField(`parameters.${name}`, expected, received, code);

const getParameterNames = ({ scriptParameters }: TaskDefinition): string[] =>
  scriptParameters.map(({ parameterName }) => parameterName);

/**
 * Returns what is expected of a declared parameter instead of this value; undefined if it can have the value.
 * @param matcher shared by all values of a request, or all defaults of a definition
 */
export const findMismatch = (
  parameter: TaskParameter,
  value: string,
  matcher: TaskPatternMatcher,
): string | undefined => {
  // An environment variable cannot contain a NUL.
  if (value.includes('\0')) return describeParameter(parameter);
  const mismatch = findParameterMismatch(parameter, value, matcher);
  if (mismatch === undefined) return undefined;
  return mismatch === 'steps' ? expectedFewerSteps : describeParameter(parameter);
};

import type { TaskParameter } from '../../../compute/client/index.ts';
import type { Argument } from '../parser/argument-parser.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { fewerSteps, type BoundedMatcher } from './pattern.ts';

type Kind = TaskParameter['parameterType'];

const number = /^-?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,3})?$/;

/** Whether a text is a value of a type: the same rules as the orchestrator's. */
const fits: Record<Kind, (value: string) => boolean> = {
  string: () => true,
  number: (value) => number.test(value) && Number.isFinite(Number(value)),
  integer: (value) => /^-?\d{1,16}$/.test(value) && Number.isSafeInteger(Number(value)),
  boolean: (value) => value === 'true' || value === 'false',
};

const kinds: Record<Kind, string> = {
  string: 'a text',
  number: 'a number',
  integer: 'an integer',
  boolean: 'true or false',
};

/**
 * Tells `given` what is wrong with the value of a declared parameter, never showing that of a secret one.
 * @param matcher the one for all values of the command
 */
export const checkParameter = (
  given: CommandArguments,
  parameter: TaskParameter,
  argument: Argument,
  matcher: BoundedMatcher,
): void => {
  const problem = problemOf(parameter, argument.value, matcher);
  if (!problem) return;
  const received = parameter.secret ? 'a secret value' : argument.value;
  given.addError(argument, problem.code, `${parameter.parameterName} ${problem.is}`, {
    expected: problem.expected ?? formatExpectation(parameter),
    received,
  });
};

const problemOf = (
  { parameterType, allowed, pattern }: TaskParameter,
  value: string,
  matcher: BoundedMatcher,
): { code: string; is: string; expected?: string } | undefined => {
  if (!fits[parameterType](value)) return { code: 'wrong-type', is: `is not ${kinds[parameterType]}` };
  if (allowed && !allowed.some((one) => String(one) === value)) {
    return { code: 'not-allowed', is: 'has a value that is not among the allowed ones' };
  }
  const outcome = pattern === undefined ? 'match' : matcher.match(pattern, value);
  if (outcome === 'match') return undefined;
  if (outcome === 'mismatch') return { code: 'pattern-mismatch', is: 'does not match its pattern' };
  return { code: 'pattern-mismatch', is: 'takes too many steps to be matched', expected: fewerSteps };
};

/** What a declared parameter takes, in words. */
export const formatExpectation = ({ parameterType, allowed, pattern }: TaskParameter): string => {
  if (allowed) return `one of ${allowed.map(String).join(', ')}`;
  const matching = pattern === undefined ? '' : ` that matches ${pattern} as a whole`;
  return `${kinds[parameterType]}${matching}`;
};

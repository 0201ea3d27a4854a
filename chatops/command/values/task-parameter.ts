import type { Argument } from '../command.ts';
import type { TaskParameter } from '../../../contracts/task-definition.ts';
import { describeParameter, findParameterMismatch, typeLabels } from '../../../contracts/task-parameters.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { expectedFewerSteps } from '../../../contracts/pattern-limits.ts';
import { type CommandPatternMatcher } from './pattern.ts';

/**
 * Adds an error if a declared parameter cannot have the value of an argument. Never shows a secret value.
 * @param matcher the same for all values of the command
 */
export const checkParameter = (
  args: CommandArguments,
  parameter: TaskParameter,
  argument: Argument,
  matcher: CommandPatternMatcher,
): void => {
  const mismatch = findParameterMismatch(parameter, argument.value, matcher);
  if (!mismatch) return;
  const { code, problem } = problems[mismatch];
  const details = {
    expected: mismatch === 'steps' ? expectedFewerSteps : describeParameter(parameter),
    received: parameter.secret ? 'a secret value' : argument.value,
  };
  const message = mismatch === 'type' ? `must be ${typeLabels[parameter.parameterType]}` : problem;
  args.addError(argument, code, `${parameter.parameterName} ${message}`, details);
};

const problems = {
  type: { code: 'wrong-type', problem: 'has the wrong type' },
  allowed: { code: 'not-allowed', problem: 'must have one of the allowed values' },
  pattern: { code: 'pattern-mismatch', problem: 'does not match its pattern' },
  steps: { code: 'pattern-mismatch', problem: 'takes too many steps to match' },
} as const;

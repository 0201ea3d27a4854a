import type { Argument } from '../command.ts';
import { parseDuration } from '../../../contracts/duration.ts';
import { limits } from '../../../contracts/job-request.ts';
import type { CommandArguments } from '../command-arguments.ts';

/** Parses an integer from 1 to `max`, digits only. If it is not one, adds an error and returns undefined. */
export const parseCount = (
  args: CommandArguments,
  argument: Argument,
  name: string,
  max: number,
): number | undefined => {
  const expected = `an integer from 1 to ${max}`;
  const { value } = argument;
  if (/^-?\d+$/.test(value))
    return requireInRange(args, argument, { name, expected, max, value: Number(value) });
  const intended = Number(value.replaceAll(/(?<=\d)[,_' ](?=\d{3})/g, ''));
  if (Number.isInteger(intended) && intended > max)
    return requireInRange(args, argument, { name, expected, max, value: intended });
  const fits = Number.isInteger(intended) && intended >= 1;
  args.addError(argument, 'wrong-type', `${name} must be an integer (digits only)`, {
    expected,
    received: value,
    suggestion: fits ? String(intended) : null,
  });
  return undefined;
};

/** Parses a duration such as `90s`, `10m`, `1h`, `2d`, or plain seconds. Returns seconds; undefined, with an error, if it is neither. */
export const parseSeconds = (
  args: CommandArguments,
  argument: Argument,
  name: string,
): number | undefined => {
  const expected = 'seconds, or a duration such as 90s, 10m, 1h or 2d; at most 7d';
  const text = argument.value;
  const value = parseDuration(/^\d+$/.test(text) ? `${text}s` : text);
  if (value === undefined) {
    args.addError(argument, 'wrong-type', `${name} must be a duration`, { expected, received: text });
    return undefined;
  }
  return requireInRange(args, argument, { name, expected, max: limits.timeoutSeconds, value });
};

const requireInRange = (
  args: CommandArguments,
  argument: Argument,
  { name, expected, max, value }: { name: string; expected: string; max: number; value: number },
): number | undefined => {
  if (value >= 1 && value <= max) return value;
  args.addError(argument, 'out-of-range', `${name} is out of range`, { expected, received: argument.value });
  return undefined;
};

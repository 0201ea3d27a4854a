import type { Argument } from '../parser/argument-parser.ts';
import type { CommandArguments } from '../command-arguments.ts';

/** The bounds of what a command may ask for; the orchestrator has the last word on them. */
export const bounds = {
  inputs: 10_000_000,
  /** Seven days. */
  timeoutSeconds: 604_800,
} as const;

const secondsIn: Record<string, number> = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400 };

/** Reads an integer from 1 to `most`, digits only; undefined if it is none, which `given` is told. */
export const parseCount = (
  given: CommandArguments,
  argument: Argument,
  name: string,
  most: number,
): number | undefined => {
  const expected = `an integer from 1 to ${most}`;
  const { value } = argument;
  if (/^-?\d+$/.test(value)) return inRange(given, argument, { name, expected, most, value: Number(value) });
  const meant = Number(value.replaceAll(/(?<=\d)[,_' ](?=\d{3})/g, ''));
  if (Number.isInteger(meant) && meant > most)
    return inRange(given, argument, { name, expected, most, value: meant });
  const fits = Number.isInteger(meant) && meant >= 1;
  given.addError(argument, 'wrong-type', `${name} is no integer written in digits alone`, {
    expected,
    received: value,
    suggestion: fits ? String(meant) : null,
  });
  return undefined;
};

/** Reads a time such as `90s`, `10m`, `1h`, `2d`, or plain seconds; in seconds. */
export const parseSeconds = (
  given: CommandArguments,
  argument: Argument,
  name: string,
): number | undefined => {
  const expected = 'seconds, or a time such as 90s, 10m, 1h or 2d; 7d at most';
  const [, digits, unit = ''] = /^(\d+)([smhd]?)$/.exec(argument.value) ?? [];
  if (digits === undefined) {
    given.addError(argument, 'wrong-type', `${name} is no time`, { expected, received: argument.value });
    return undefined;
  }
  const value = Number(digits) * (secondsIn[unit] ?? 1);
  return inRange(given, argument, { name, expected, most: bounds.timeoutSeconds, value });
};

const inRange = (
  given: CommandArguments,
  argument: Argument,
  { name, expected, most, value }: { name: string; expected: string; most: number; value: number },
): number | undefined => {
  if (value >= 1 && value <= most) return value;
  given.addError(argument, 'out-of-range', `${name} is out of range`, { expected, received: argument.value });
  return undefined;
};

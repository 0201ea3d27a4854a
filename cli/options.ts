import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../contracts/duration.ts';

/* Parsers of option values. Each throws commander's InvalidArgumentError, which prints the option and its value before the message. */

/** Returns a parser of whole numbers from `min` to `max`. */
export const parseInteger =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d{1,15}$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };

/** Parses the first of five ports. 0 means any free ports. */
export const parseBasePort = parseInteger(0, 65_530);

/** Parses a time, or a duration before now, such as `2h`. Returns ISO 8601. */
export const parseSince = (text: string): string => {
  const seconds = parseDuration(text);
  const time = seconds === undefined ? Date.parse(text) : Date.now() - seconds * 1000;
  if (!Number.isNaN(time) && Math.abs(time) < 8.64e15) return new Date(time).toISOString();
  throw new InvalidArgumentError('Expected a duration such as 30m, 2h or 7d, or a time such as 2026-03-01.');
};

/** Returns a parser of comma-separated lists of choices. */
export const parseChoices =
  <const T extends string>(choices: readonly T[]) =>
  (text: string): T[] =>
    text.split(',').map((part) => {
      const found = choices.find((choice) => choice === part.trim());
      if (found !== undefined) return found;
      throw new InvalidArgumentError(`Expected one or more of: ${choices.join(', ')}.`);
    });

/** Returns a parser of texts that match a pattern. @param expected what is expected, such as `ID/NUMBER` */
export const parsePattern =
  (pattern: RegExp, expected: string) =>
  (text: string): string => {
    if (pattern.test(text)) return text;
    throw new InvalidArgumentError(`Expected ${expected}.`);
  };

import { isCommandName, type Grammar } from '../command.ts';
import type { Argument } from './argument-parser.ts';
import { lowerCase } from './command-name.ts';

/**
 * What is given to `/explain`, less how a command is written there: `/cox /Run Hello` is `run Hello`. Only its form: whether
 * it is a command is told by its meaning.
 */
export const toExplainedArguments = (positionals: readonly Argument[], { prefix }: Grammar): Argument[] => {
  const first = positionals.findIndex(({ value }) => normalizeName(value) !== prefix);
  const [named, ...rest] = first < 0 ? [] : positionals.slice(first);
  if (!named) return [];
  const word = normalizeName(named.value);
  return [isCommandName(word) ? { ...named, value: word } : named, ...rest];
};

/** Normalizes a command's name, which may have a slash and any case. */
export const normalizeName = (value: string): string => lowerCase(value).replace(/^\//, '');

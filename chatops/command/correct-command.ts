import type { TaskDefinition } from '../../contracts/task-definition.ts';
import { findParameterMismatch } from '../../contracts/task-parameters.ts';
import { sanitizeText } from '../markdown/untrusted-text.ts';
import { toCanonicalText } from './canonical.ts';
import type { Command, Grammar } from './command.ts';
import { withPrefix } from './command-prefix.ts';
import { findClosest } from './did-you-mean.ts';
import { CommandPatternMatcher } from './values/pattern.ts';

/** One parameter of a corrected command; `value` is null if a person has to add it. */
export type CorrectedParameter = { name: string; value: string | null };

/** Values by the names that a person wrote; undefined if a value could not be read, or is not to be repeated. */
type GivenValues = Readonly<Record<string, string | undefined>>;

/**
 * Returns the parameters that a task needs, and those that were given, in the order of the definition. A mistyped name is corrected. A
 * value stays if the task accepts it and it is not secret. If the task has secret parameters, the values of unknown names are dropped,
 * because they could be secret, too.
 */
export const correctParameters = (
  { scriptParameters }: Pick<TaskDefinition, 'scriptParameters'>,
  given: GivenValues,
): CorrectedParameter[] => {
  const values = nameCorrectly(scriptParameters, given);
  const matcher = new CommandPatternMatcher();
  return scriptParameters.flatMap((parameter) => {
    const { parameterName: name, required, secret } = parameter;
    if (!values.has(name)) return required && parameter.default === undefined ? { name, value: null } : [];
    const value = values.get(name);
    const isAccepted =
      value !== undefined && !secret && findParameterMismatch(parameter, value, matcher) === undefined;
    return { name, value: isAccepted ? value : null };
  });
};

const nameCorrectly = (
  parameters: TaskDefinition['scriptParameters'],
  given: GivenValues,
): Map<string, string | undefined> => {
  const names = parameters.map(({ parameterName }) => parameterName);
  const isDeclared = ([name]: [string, unknown]): boolean => names.includes(name);
  const values = new Map(Object.entries(given).filter(isDeclared));
  const hasSecrets = parameters.some(({ secret }) => secret);
  for (const [name, value] of Object.entries(given)) {
    const meant = names.includes(name) ? undefined : findClosest(name, names);
    if (meant !== undefined && !values.has(meant)) values.set(meant, hasSecrets ? undefined : value);
  }
  return values;
};

/** A command to copy instead of one that was refused. */
export type CorrectedCommand = {
  /** The command on one line. Without a value after a name, it is refused: a copy that nobody completed runs nothing. */
  line: string;
  /** Whether a person has to add values. */
  isIncomplete: boolean;
  /** The names of the secret parameters in it, whose values it never contains. */
  secrets: readonly string[];
};

/** A longer line is not suggested. */
const maxLineLength = 4_000;

/**
 * Returns the complete line for a `/run`, or `/explain run`, with mistakes in its parameters; undefined if the task is unknown, or there
 * is nothing to correct.
 * @param wrong the names of parameters whose values are missing, or not allowed, for other reasons than the definition
 */
export const correctCommand = (
  command: Command,
  catalogue: readonly TaskDefinition[],
  grammar: Grammar,
  wrong: readonly string[] = [],
): CorrectedCommand | undefined => {
  const { name, separate = [] } = command;
  const isExplained = name === 'explain' && command.positionals[0] === 'run';
  if (name !== 'run' && !isExplained) return undefined;
  const positionals = command.positionals.slice(0, isExplained ? 2 : 1);
  const task = catalogue.find(({ taskName }) => taskName === positionals.at(-1));
  if (!task) return undefined;
  const declared = task.scriptParameters.map(({ parameterName }) => parameterName);
  const elsewhere = separate.map((given) =>
    declared.includes(given) ? given : findClosest(given, declared),
  );
  const parameters = correctParameters(task, readGiven(command, wrong)).filter(
    (parameter) => !elsewhere.includes(parameter.name),
  );
  const known = parameters.filter(({ value }) => value !== null).map((one) => [one.name, one.value]);
  const toFill = parameters.filter(({ value }) => value === null).map((one) => one.name);
  const corrected = toCanonicalText({ name, positionals, parameters: Object.fromEntries(known) });
  const text = [corrected, ...toFill.map((one) => `${one}=`)].join(' ');
  if (text === getWrittenText(command) || text.length > maxLineLength) return undefined;
  const secrets = task.scriptParameters.flatMap((one) => (one.secret ? one.parameterName : []));
  return {
    line: withPrefix(text, grammar),
    isIncomplete: toFill.length > 0,
    secrets: secrets.filter((one) => toFill.includes(one)),
  };
};

/** Returns the canonical text of the part of a command that a person wrote in one line. */
const getWrittenText = ({ separate = [], ...command }: Command): string => {
  const written = Object.entries(command.parameters).filter(([name]) => !separate.includes(name));
  return toCanonicalText({ ...command, parameters: Object.fromEntries(written) });
};

/** Returns the values that a person wrote. One that a reply would show differently is not repeated. */
const readGiven = ({ parameters, argumentPositions }: Command, wrong: readonly string[]): GivenValues =>
  Object.fromEntries([
    ...Object.entries(parameters).map(([name, value]) => {
      const isUnreadable = argumentPositions?.parameters[name]?.unreadable ?? false;
      const isRepeated = !isUnreadable && !wrong.includes(name) && sanitizeText(value) === value;
      return [name, isRepeated ? value : undefined];
    }),
    ...wrong.filter((name) => !Object.hasOwn(parameters, name)).map((name) => [name, undefined]),
  ]) as GivenValues;

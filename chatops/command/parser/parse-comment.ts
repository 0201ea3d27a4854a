import {
  type Argument,
  defaultGrammar,
  isCommandName,
  type Command,
  type CommandItem,
  type CommandName,
  type Grammar,
  type ParseError,
  type Position,
} from '../command.ts';
import { commandSpecs } from '../commands/index.ts';
import { buildCommand } from '../build-command.ts';
import { interpret, needsCatalogue } from '../interpret.ts';
import { sortByPosition, createParseError } from '../parse-error.ts';
import { analyzeVisibility } from '../../markdown-visibility/analyze-visibility.ts';
import { ArgumentParser, type TextRule } from './argument-parser.ts';
import { formatRedactedLine } from './redacted-line.ts';
import { assignKeys, type ItemWithoutKey } from './command-key.ts';
import {
  findCandidates,
  toAsciiLowerCase,
  parseCommandName,
  type Candidate,
  type CommandNameResult,
} from './command-name.ts';

/**
 * Checks independently, with other parsers of Markdown and HTML, which lines of a comment are visible text.
 * @param text the comment, with lines that end in LF
 * @param lines the lines to check, by the offsets of their slashes
 * @returns for each line, whether it is visible text; also false if the reader ran out of time
 */
export type SecondReader = (text: string, lines: readonly number[]) => Promise<readonly boolean[]>;

/**
 * Parses the commands of a comment, in order, with one reader. Only visible text counts, and a command must start a line. Checks
 * only their syntax; `interpret` checks the rest. Linear in the length of the body; never throws.
 * For comments by people, use `parseComment`, which also asks the second reader.
 */
export const parseCommands = (body: string, grammar: Grammar = defaultGrammar): CommandItem[] =>
  assignKeys(findVisibleCandidates(body, grammar).map((candidate) => parseCandidate(candidate, grammar)));

/**
 * Parses the commands of a comment with two readers: a line is a command if both see it as visible text, and plain text if neither
 * does. If they disagree, the line is an invalid item and is not run.
 */
export const parseComment = async (
  body: string,
  grammar: Grammar,
  second: SecondReader,
): Promise<CommandItem[]> => {
  const visibilityMap = analyzeVisibility(body);
  const found = findCandidates(visibilityMap, grammar);
  if (found.length === 0) return [];
  const confirmed = await second(
    visibilityMap.text,
    found.map(({ start }) => start),
  );
  const items = found.flatMap((candidate, n): ItemWithoutKey[] => {
    if (confirmed[n] !== true) return candidate.uncertain ? [] : [refuseUncertain(candidate, grammar)];
    return [candidate.uncertain ? refuseUncertain(candidate, grammar) : parseCandidate(candidate, grammar)];
  });
  return assignKeys(items);
};

/** Returns the commands that an edit added to a comment, according to one reader: the items of `after` whose keys are new. */
export const findAddedCommands = (
  before: string,
  after: string,
  grammar: Grammar = defaultGrammar,
): CommandItem[] => {
  const known = collectPossibleKeys(before, grammar);
  return parseCommands(after, grammar).filter(({ key }) => !known.has(key));
};

/** Returns whether a comment contains a line that may be a command to either reader. */
export const hasCandidate = (body: string, grammar: Grammar): boolean =>
  findCandidates(analyzeVisibility(body), grammar).length > 0;

/** Returns the keys of everything that may have been answered before a comment was edited, whatever the second reader said. */
export const collectPossibleKeys = (body: string, grammar: Grammar): ReadonlySet<string> => {
  const found = findCandidates(analyzeVisibility(body), grammar);
  const visibleCommands = found
    .filter(({ uncertain }) => !uncertain)
    .map((candidate) => parseCandidate(candidate, grammar));
  const uncertain = found.map((candidate) => refuseUncertain(candidate, grammar));
  return new Set([...assignKeys(visibleCommands), ...assignKeys(uncertain)].map(({ key }) => key));
};

const findVisibleCandidates = (body: string, grammar: Grammar): Candidate[] =>
  findCandidates(analyzeVisibility(body), grammar).filter(({ uncertain }) => !uncertain);

/** Refuses a command that only one of the two readers sees. */
const refuseUncertain = (candidate: Candidate, grammar: Grammar): ItemWithoutKey => {
  const { item, text } = parseCandidate(candidate, grammar);
  const { line } = candidate;
  const position = line.toPosition(line.skipBlanks(0));
  const isCommand = item.kind === 'command';
  const invalid = {
    kind: 'invalid' as const,
    doubtful: item.kind === 'invalid' && item.doubtful,
    heading: isCommand ? getRedactedLine(candidate, grammar) : item.heading,
    position,
    errors: [
      createParseError(
        'unclear-text',
        position,
        'Readers may not see this line as plain text, so write the command alone in a new comment',
      ),
    ],
  };
  return { item: invalid, text: `unclear ${text}`, ...(isCommand ? { like: text } : {}) };
};

const getRedactedLine = (candidate: Candidate, grammar: Grammar): string => {
  const commandName = parseCommandName(candidate, grammar);
  return formatRedactedLine(
    candidate.line,
    commandName,
    parseArguments(candidate, commandName, grammar).args,
  );
};

const parseCandidate = (candidate: Candidate, grammar: Grammar): ItemWithoutKey => {
  const { line } = candidate;
  const start = line.skipBlanks(0);
  const position = line.toPosition(start);
  const commandName = parseCommandName(candidate, grammar);
  const { args, errors, text } = parseArguments(candidate, commandName, grammar);
  const command =
    commandName.name &&
    toCommand(
      { name: commandName.name, args, position, text, word: line.slice(start, commandName.end) },
      grammar,
    );
  if (command && errors.length === 0) return { item: { kind: 'command', command }, text: command.canonical };
  const doubtful = !command && !candidate.prefixed;
  const invalid = {
    kind: 'invalid',
    doubtful,
    heading: formatRedactedLine(line, commandName, args),
    position,
  } as const;
  const found = [...commandName.errors, ...errors];
  return { item: { ...invalid, ...completeErrors(command, found) }, text: line.slice(start, line.length) };
};

const parseArguments = ({ line }: Candidate, { name, end }: CommandNameResult, grammar: Grammar) =>
  new ArgumentParser(line, end, createTextRule(name, grammar)).parse();

/** Returns which free text a command takes. The arguments of `/explain` are parsed as if they were the command itself. */
const createTextRule = (name: CommandName | undefined, { prefix }: Grammar): TextRule => {
  let command: CommandName | undefined = name === 'explain' ? undefined : name;
  let isNamed = name !== 'explain';
  return (positional) => {
    if (isNamed) return command && commandSpecs[command].freeText;
    const word = normalizeName(positional);
    isNamed = word !== prefix;
    command = isCommandName(word) ? word : undefined;
    return undefined;
  };
};

/** Adds the errors that `interpret` finds; if it needs the catalogue for that, returns a draft for `collectErrors` instead. */
const completeErrors = (
  command: Command | undefined,
  errors: ParseError[],
): { errors: ParseError[]; draft?: Command } => {
  if (!command) return { errors: sortByPosition(errors) };
  if (needsCatalogue(command)) return { errors: sortByPosition(errors), draft: command };
  const interpreted = interpret(command, []);
  return {
    errors: sortByPosition([...errors, ...('errors' in interpreted ? interpreted.errors : [])]),
  };
};

const toCommand = (
  {
    name,
    args,
    position,
    text,
    word,
  }: {
    name: CommandName;
    args: readonly Argument[];
    position: Position;
    text: Argument | undefined;
    word: string;
  },
  grammar: Grammar,
): Command => {
  const words = args.filter((argument) => argument.name === null);
  const positionals = name === 'explain' ? toExplainedArguments(words, grammar) : words;
  const parameters = args.flatMap((argument) =>
    argument.name === null ? [] : [{ ...argument, name: argument.name }],
  );
  const written = toWritten(word, args);
  return { ...buildCommand(name, positionals, parameters, position, text), ...(written && { written }) };
};

/** Returns a command as written; undefined if something stands between the prefix and the name. */
const toWritten = (word: string, args: readonly Argument[]): Command['written'] => {
  const words = word.trim().split(/\s+/);
  if (words.length > 2) return undefined;
  const sources = args.map(({ name, source = '' }) => ({ name, source }));
  return { word: words.join(' '), arguments: sources };
};

/** Removes the prefix from the arguments of `/explain`, and the slash and capitals of the command: `/cox /Run Hello` is `run Hello`. */
const toExplainedArguments = (positionals: readonly Argument[], { prefix }: Grammar): Argument[] => {
  const first = positionals.findIndex(({ value }) => normalizeName(value) !== prefix);
  const [nameArgument, ...rest] = first < 0 ? [] : positionals.slice(first);
  if (!nameArgument) return [];
  const word = normalizeName(nameArgument.value);
  return [isCommandName(word) ? { ...nameArgument, value: word } : nameArgument, ...rest];
};

/** Normalizes a command's name, which may have a slash and any case. */
const normalizeName = (value: string): string => toAsciiLowerCase(value).replace(/^\//, '');

import {
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
import { ArgumentParser, type Argument, type TextRule } from './argument-parser.ts';
import { toExplainedArguments, normalizeName } from './explain-arguments.ts';
import { formatRedactedLine } from './redacted-line.ts';
import { assignKeys, type ItemWithoutKey } from './command-key.ts';
import { findCandidates, parseCommandName, type Candidate, type CommandNameResult } from './command-name.ts';

/**
 * Checks independently, with other parsers of Markdown and HTML, which lines of a comment are visible text.
 * @param text the comment, with lines that end in LF
 * @param lines the lines to check, by the offsets of their slashes
 * @returns for each line, whether it is visible text; also false if the reader ran out of time
 */
export type SecondReader = (text: string, lines: readonly number[]) => Promise<readonly boolean[]>;

/**
 * The commands of a comment in their order; none if it holds none. Only visible text counts, and a command starts a line.
 * It reads their form alone: what they mean is for `interpret`. Linear in the length of the body; never throws.
 * For comments by people, use `readCommentCommands`, which asks a second reader.
 * @param body the comment as it was written
 */
export const parseCommands = (body: string, grammar: Grammar = defaultGrammar): CommandItem[] =>
  assignKeys(shownIn(body, grammar).map((candidate) => readCommand(candidate, grammar)));

/**
 * Reads commands with two readers: a line is a command if both see it as visible text, and plain text if neither does. If they
 * disagree, the line becomes a mistake and is not run.
 */
export const parseComment = async (
  body: string,
  grammar: Grammar,
  second: SecondReader,
): Promise<CommandItem[]> => {
  const sight = analyzeVisibility(body);
  const found = findCandidates(sight, grammar);
  if (found.length === 0) return [];
  const seen = await second(
    sight.text,
    found.map(({ start }) => start),
  );
  const items = found.flatMap((candidate, n): ItemWithoutKey[] => {
    if (seen[n] !== true) return candidate.covered ? [] : [unclear(candidate, grammar)];
    return [candidate.covered ? unclear(candidate, grammar) : readCommand(candidate, grammar)];
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
  const shown = found.filter(({ covered }) => !covered).map((candidate) => readCommand(candidate, grammar));
  const refused = found.map((candidate) => unclear(candidate, grammar));
  return new Set([...assignKeys(shown), ...assignKeys(refused)].map(({ key }) => key));
};

const shownIn = (body: string, grammar: Grammar): Candidate[] =>
  findCandidates(analyzeVisibility(body), grammar).filter(({ covered }) => !covered);

/** Refuses a command that only one of the two readers sees. */
const unclear = (candidate: Candidate, grammar: Grammar): ItemWithoutKey => {
  const { item, text } = readCommand(candidate, grammar);
  const { line } = candidate;
  const position = line.toPosition(line.skipBlanks(0));
  const isCommand = item.kind === 'command';
  const refused = {
    kind: 'mistakes' as const,
    doubtful: item.kind === 'mistakes' && item.doubtful,
    heading: isCommand ? headingOf(candidate, grammar) : item.heading,
    position,
    mistakes: [
      createParseError(
        'unclear-text',
        position,
        'Readers may not see this line as plain text, so write the command alone in a new comment',
      ),
    ],
  };
  return { item: refused, text: `unclear ${text}`, ...(isCommand ? { like: text } : {}) };
};

const headingOf = (candidate: Candidate, grammar: Grammar): string => {
  const named = parseCommandName(candidate, grammar);
  return formatRedactedLine(candidate.line, named, argumentsOf(candidate, named, grammar).given);
};

const readCommand = (candidate: Candidate, grammar: Grammar): ItemWithoutKey => {
  const { line } = candidate;
  const start = line.skipBlanks(0);
  const position = line.toPosition(start);
  const named = parseCommandName(candidate, grammar);
  const { given, mistakes, text } = argumentsOf(candidate, named, grammar);
  const command = named.name && commandOf({ name: named.name, given, position, text }, grammar);
  if (command && mistakes.length === 0)
    return { item: { kind: 'command', command }, text: command.canonical };
  const doubtful = !command && !candidate.prefixed;
  const shown = {
    kind: 'mistakes',
    doubtful,
    heading: formatRedactedLine(line, named, given),
    position,
  } as const;
  const found = [...named.mistakes, ...mistakes];
  return { item: { ...shown, ...further(command, found) }, text: line.slice(start, line.length) };
};

const argumentsOf = ({ line }: Candidate, { name, end }: CommandNameResult, grammar: Grammar) =>
  new ArgumentParser(line, end, textRuleOf(name, grammar)).parse();

/** The arguments of `/explain` are parsed as if they were the command itself. */
const textRuleOf = (name: CommandName | undefined, { prefix }: Grammar): TextRule => {
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

/** The mistakes of a line; what only the catalogue tells of it is left to whoever has the catalogue. */
const further = (
  command: Command | undefined,
  mistakes: ParseError[],
): { mistakes: ParseError[]; draft?: Command } => {
  if (!command) return { mistakes: sortByPosition(mistakes) };
  if (needsCatalogue(command)) return { mistakes: sortByPosition(mistakes), draft: command };
  const meaning = interpret(command, []);
  return { mistakes: sortByPosition([...mistakes, ...('mistakes' in meaning ? meaning.mistakes : [])]) };
};

const commandOf = (
  {
    name,
    given,
    position,
    text,
  }: {
    name: CommandName;
    given: readonly Argument[];
    position: Position;
    text: Argument | undefined;
  },
  grammar: Grammar,
): Command => {
  const words = given.filter((argument) => argument.name === null);
  const positionals = name === 'explain' ? toExplainedArguments(words, grammar) : words;
  const parameters = given.flatMap((argument) =>
    argument.name === null ? [] : [{ ...argument, name: argument.name }],
  );
  return buildCommand(name, positionals, parameters, position, text);
};

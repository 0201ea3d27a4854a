import {
  defaultGrammar,
  isCommandName,
  type Command,
  type CommandItem,
  type CommandName,
  type Grammar,
  type Mistake,
  type Position,
} from '../command.ts';
import { specs } from '../commands/index.ts';
import { compose } from '../build-command.ts';
import { interpret, needsCatalogue } from '../interpret.ts';
import { inOrder, mistake } from '../parse-error.ts';
import { look } from '../../markdown-visibility/analyze-visibility.ts';
import { ArgumentReader, type Argument, type TextRule } from './argument-parser.ts';
import { explained, wordOf } from './explain-arguments.ts';
import { heading } from './redacted-line.ts';
import { withKeys, type Keyless } from './command-key.ts';
import { candidates, nameOf, type Candidate, type Naming } from './command-name.ts';

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
export const readCommands = (body: string, grammar: Grammar = defaultGrammar): CommandItem[] =>
  withKeys(shownIn(body, grammar).map((candidate) => readCommand(candidate, grammar)));

/**
 * Reads commands with two readers: a line is a command if both see it as visible text, and plain text if neither does. If they
 * disagree, the line becomes a mistake and is not run.
 */
export const readCommentCommands = async (
  body: string,
  grammar: Grammar,
  second: SecondReader,
): Promise<CommandItem[]> => {
  const sight = look(body);
  const found = candidates(sight, grammar);
  if (found.length === 0) return [];
  const seen = await second(
    sight.text,
    found.map(({ start }) => start),
  );
  const items = found.flatMap((candidate, n): Keyless[] => {
    if (seen[n] !== true) return candidate.covered ? [] : [unclear(candidate, grammar)];
    return [candidate.covered ? unclear(candidate, grammar) : readCommand(candidate, grammar)];
  });
  return withKeys(items);
};

/** Returns the commands that an edit added to a comment, according to one reader: the items of `after` whose keys are new. */
export const addedCommands = (
  before: string,
  after: string,
  grammar: Grammar = defaultGrammar,
): CommandItem[] => {
  const known = earlierKeys(before, grammar);
  return readCommands(after, grammar).filter(({ key }) => !known.has(key));
};

/** Returns whether a comment contains a line that may be a command to either reader. */
export const holdsCandidate = (body: string, grammar: Grammar): boolean =>
  candidates(look(body), grammar).length > 0;

/** Returns the keys of everything that may have been answered before a comment was edited, whatever the second reader said. */
export const earlierKeys = (body: string, grammar: Grammar): ReadonlySet<string> => {
  const found = candidates(look(body), grammar);
  const shown = found.filter(({ covered }) => !covered).map((candidate) => readCommand(candidate, grammar));
  const refused = found.map((candidate) => unclear(candidate, grammar));
  return new Set([...withKeys(shown), ...withKeys(refused)].map(({ key }) => key));
};

const shownIn = (body: string, grammar: Grammar): Candidate[] =>
  candidates(look(body), grammar).filter(({ covered }) => !covered);

/** Refuses a command that only one of the two readers sees. */
const unclear = (candidate: Candidate, grammar: Grammar): Keyless => {
  const { item, text } = readCommand(candidate, grammar);
  const { line } = candidate;
  const position = line.position(line.skipBlanks(0));
  const isCommand = item.kind === 'command';
  const refused = {
    kind: 'mistakes' as const,
    doubtful: item.kind === 'mistakes' && item.doubtful,
    heading: isCommand ? headingOf(candidate, grammar) : item.heading,
    position,
    mistakes: [
      mistake(
        'unclear-text',
        position,
        'Readers may not see this line as plain text, so write the command alone in a new comment',
      ),
    ],
  };
  return { item: refused, text: `unclear ${text}`, ...(isCommand ? { like: text } : {}) };
};

const headingOf = (candidate: Candidate, grammar: Grammar): string => {
  const named = nameOf(candidate, grammar);
  return heading(candidate.line, named, argumentsOf(candidate, named, grammar).given);
};

const readCommand = (candidate: Candidate, grammar: Grammar): Keyless => {
  const { line } = candidate;
  const start = line.skipBlanks(0);
  const position = line.position(start);
  const named = nameOf(candidate, grammar);
  const { given, mistakes, text } = argumentsOf(candidate, named, grammar);
  const command = named.name && commandOf({ name: named.name, given, position, text }, grammar);
  if (command && mistakes.length === 0)
    return { item: { kind: 'command', command }, text: command.canonical };
  const doubtful = !command && !candidate.prefixed;
  const shown = { kind: 'mistakes', doubtful, heading: heading(line, named, given), position } as const;
  const found = [...named.mistakes, ...mistakes];
  return { item: { ...shown, ...further(command, found) }, text: line.text(start, line.length) };
};

const argumentsOf = ({ line }: Candidate, { name, end }: Naming, grammar: Grammar) =>
  new ArgumentReader(line, end, textRuleOf(name, grammar)).read();

/** The arguments of `/explain` are parsed as if they were the command itself. */
const textRuleOf = (name: CommandName | undefined, { prefix }: Grammar): TextRule => {
  let command: CommandName | undefined = name === 'explain' ? undefined : name;
  let isNamed = name !== 'explain';
  return (positional) => {
    if (isNamed) return command && specs[command].freeText;
    const word = wordOf(positional);
    isNamed = word !== prefix;
    command = isCommandName(word) ? word : undefined;
    return undefined;
  };
};

/** The mistakes of a line; what only the catalogue tells of it is left to whoever has the catalogue. */
const further = (
  command: Command | undefined,
  mistakes: Mistake[],
): { mistakes: Mistake[]; draft?: Command } => {
  if (!command) return { mistakes: inOrder(mistakes) };
  if (needsCatalogue(command)) return { mistakes: inOrder(mistakes), draft: command };
  const meaning = interpret(command, []);
  return { mistakes: inOrder([...mistakes, ...('mistakes' in meaning ? meaning.mistakes : [])]) };
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
  const positionals = name === 'explain' ? explained(words, grammar) : words;
  const parameters = given.flatMap((argument) =>
    argument.name === null ? [] : [{ ...argument, name: argument.name }],
  );
  return compose(name, positionals, parameters, position, text);
};

import {
  defaultGrammar,
  type Command,
  type CommandItem,
  type CommandName,
  type Grammar,
  type Mistake,
  type Position,
} from '../command.ts';
import { compose } from '../compose.ts';
import { interpret, needsCatalogue } from '../interpret.ts';
import { inOrder } from '../mistake.ts';
import { look } from '../visible/index.ts';
import { ArgumentReader, type Argument } from './arguments.ts';
import { explained } from './explained.ts';
import { heading } from './heading.ts';
import { withKeys, type Keyless } from './key.ts';
import { candidates, nameOf, type Candidate } from './naming.ts';

/**
 * The commands of a comment in their order; none if it holds none. Only visible text counts, and a command starts a line.
 * It reads their form alone: what they mean is for `interpret`. Linear in the length of the body; never throws.
 * @param body the comment as it was written
 */
export const readCommands = (body: string, grammar: Grammar = defaultGrammar): CommandItem[] =>
  withKeys(candidates(look(body), grammar).map((candidate) => readCommand(candidate, grammar)));

/** The commands of a comment that were not in it before it was edited: the items of `after` whose key is new. */
export const addedCommands = (
  before: string,
  after: string,
  grammar: Grammar = defaultGrammar,
): CommandItem[] => {
  const known = new Set(readCommands(before, grammar).map(({ key }) => key));
  return readCommands(after, grammar).filter(({ key }) => !known.has(key));
};

const readCommand = (candidate: Candidate, grammar: Grammar): Keyless => {
  const { line } = candidate;
  const start = line.skipBlanks(0);
  const position = line.position(start);
  const named = nameOf(candidate, grammar);
  const { given, mistakes } = new ArgumentReader(line, named.end).read();
  const command = named.name && commandOf(named.name, given, position, grammar);
  if (command && mistakes.length === 0)
    return { item: { kind: 'command', command }, text: command.canonical };
  const doubtful = !command && !candidate.prefixed;
  const shown = { kind: 'mistakes', doubtful, heading: heading(line, named, given), position } as const;
  const found = [...named.mistakes, ...mistakes];
  return { item: { ...shown, ...further(command, found) }, text: line.text(start, line.length) };
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
  name: CommandName,
  given: readonly Argument[],
  position: Position,
  grammar: Grammar,
): Command => {
  const words = given.filter((argument) => argument.name === null);
  const positionals = name === 'explain' ? explained(words, grammar) : words;
  const parameters = given.flatMap((argument) =>
    argument.name === null ? [] : [{ ...argument, name: argument.name }],
  );
  return compose(name, positionals, parameters, position);
};

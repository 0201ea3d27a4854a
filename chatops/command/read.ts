import { ArgumentReader, type Argument } from './arguments.ts';
import { canonicalOf } from './canonical.ts';
import type { Command, CommandItem, CommandName, Place, Position } from './command.ts';
import { heading } from './heading.ts';
import { interpret, needsCatalogue } from './interpret.ts';
import { inOrder } from './mistake.ts';
import { candidates, nameOf, type Candidate } from './naming.ts';
import { look } from './visible/index.ts';

/**
 * The commands of a comment in their order; none if it holds none. Only visible text counts, and a command starts a line.
 * It reads their form alone: what they mean is for `interpret`. Linear in the length of the body; never throws.
 * @param body the comment as it was written
 */
export const readCommands = (body: string): CommandItem[] => {
  const occurrences = new Map<string, number>();
  return candidates(look(body)).map((candidate) => {
    const item = readCommand(candidate);
    if (item.kind === 'mistakes') return item;
    const { canonical } = item.command;
    const occurrence = (occurrences.get(canonical) ?? 0) + 1;
    occurrences.set(canonical, occurrence);
    return { kind: 'command', command: { ...item.command, occurrence } };
  });
};

const readCommand = (candidate: Candidate): CommandItem => {
  const { line } = candidate;
  const position = line.position(line.skipBlanks(0));
  const named = nameOf(candidate);
  const { given, mistakes } = new ArgumentReader(line, named.end).read();
  const command = named.name && commandOf(named.name, given, position);
  if (command && mistakes.length === 0) return { kind: 'command', command };
  const shown = { kind: 'mistakes', heading: heading(line, named, given), position } as const;
  if (!command) return { ...shown, mistakes: inOrder([...named.mistakes, ...mistakes]) };
  if (needsCatalogue(command)) return { ...shown, mistakes: inOrder(mistakes), draft: command };
  const meaning = interpret(command, []);
  const further = 'mistakes' in meaning ? meaning.mistakes : [];
  return { ...shown, mistakes: inOrder([...mistakes, ...further]) };
};

const commandOf = (name: CommandName, given: readonly Argument[], position: Position): Command => {
  const positionals = given.filter((argument) => argument.name === null);
  const parameters = given
    .flatMap((argument) => (argument.name === null ? [] : [{ ...argument, name: argument.name }]))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const written = {
    name,
    positionals: positionals.map(({ value }) => value),
    parameters: Object.fromEntries(parameters.map(({ name, value }) => [name, value])),
  };
  const places = {
    positionals: positionals.map(placeOf),
    parameters: Object.fromEntries(parameters.map((argument) => [argument.name, placeOf(argument)])),
  };
  return { ...written, canonical: canonicalOf(written), occurrence: 1, position, places };
};

const placeOf = ({ position, unread }: Argument): Place => ({ ...position, unread });

import { isCommandName, type CommandName } from '../command.ts';
import { buildCommand } from '../build-command.ts';
import { CommandArguments } from '../command-arguments.ts';
import { findClosest } from '../did-you-mean.ts';
import type { CommandSpec } from './spec.ts';

type Explainable = Exclude<CommandName, 'explain'>;

/** @param others the commands that it explains: all but itself */
export const createExplainSpec = (others: Record<Explainable, CommandSpec>): CommandSpec => {
  const names = Object.keys(others);
  const expected = `one of ${names.join(', ')}`;
  return {
    name: 'explain',
    usage: '/explain <command>',
    summary: 'shows what a command would do, without running it',
    notes: [
      'It shows what would run, with which parameters, image, limits and locks, and who can approve it; or why it would be refused.',
      'The command is written as it would be by itself, with or without its slash.',
    ],
    access: 'everyone',
    examples: [
      {
        command: '/explain run StopVM ResourceGroupName=rg-a VMName=web-1',
        meaning: 'shows what that command would run, and under which conditions',
      },
      { command: '/explain compute 1000', meaning: 'the same for a computation' },
    ],
    needsCatalogue: true,
    interpret: (given, catalogue) => {
      const [named] = given.positionals;
      if (!named) given.addMissing('missing-command', 'The command to explain is missing', expected);
      else if (named.value === 'explain') {
        const told = { expected, received: named.value };
        given.addError(named, 'unknown-command', 'An explanation is not explained', told);
      } else if (isExplainable(named.value)) {
        const { positionals, parameters, text } = given;
        const command = buildCommand(named.value, positionals.slice(1), parameters, named.position, text);
        const inner = new CommandArguments(command);
        const intent = others[named.value].interpret(inner, catalogue);
        given.mistakes.push(...inner.mistakes);
        return intent && { kind: 'explain', command };
      } else {
        const suggestion = findClosest(named.value, names) ?? null;
        const told = { expected, received: named.value, suggestion };
        given.addError(named, 'unknown-command', 'There is no such command', told);
      }
      return undefined;
    },
  };
};

const isExplainable = (word: string): word is Explainable => isCommandName(word) && word !== 'explain';

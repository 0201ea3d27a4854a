import { isCommandName, type CommandName } from '../command.ts';
import { buildCommand } from '../build-command.ts';
import { CommandArguments } from '../command-arguments.ts';
import { findClosest } from '../did-you-mean.ts';
import type { CommandSpec } from './spec.ts';

type Explainable = Exclude<CommandName, 'explain'>;

/** Creates the specification of `/explain`. @param others the commands that it explains: all but itself */
export const createExplainSpec = (others: Record<Explainable, CommandSpec>): CommandSpec => {
  const names = Object.keys(others);
  const expected = `one of ${names.join(', ')}`;
  return {
    name: 'explain',
    usage: '/explain <command>',
    summary: 'shows what a command would do, without running it',
    notes: [
      'It shows what would run, with which parameters, image, limits and locks, and who can approve it; or why it would be refused.',
      'Write the command as usual, with or without its slash.',
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
    hidesValues: true,
    interpret: (args, catalogue) => {
      const [nameArgument] = args.positionals;
      if (!nameArgument) args.addMissing('missing-command', 'The command to explain is missing', expected);
      else if (nameArgument.value === 'explain') {
        const details = { expected, received: nameArgument.value };
        args.addError(nameArgument, 'unknown-command', 'The command explain cannot be explained', details);
      } else if (isExplainable(nameArgument.value)) {
        const { positionals, parameters, text } = args;
        const command = buildCommand(
          nameArgument.value,
          positionals.slice(1),
          parameters,
          nameArgument.position,
          text,
        );
        const innerArgs = new CommandArguments(command);
        const intent = others[nameArgument.value].interpret(innerArgs, catalogue);
        args.errors.push(...innerArgs.errors);
        return intent && { kind: 'explain', command };
      } else {
        const suggestion = findClosest(nameArgument.value, names) ?? null;
        const details = { expected, received: nameArgument.value, suggestion };
        args.addError(nameArgument, 'unknown-command', '{received} is not a command', details);
      }
      return undefined;
    },
  };
};

const isExplainable = (word: string): word is Explainable => isCommandName(word) && word !== 'explain';

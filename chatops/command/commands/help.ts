import { commandNames, isCommandName } from '../command.ts';
import { findClosest } from '../did-you-mean.ts';
import type { CommandSpec } from './spec.ts';

export const help: CommandSpec = {
  name: 'help',
  usage: '/help [command]',
  summary: 'shows all commands and what you can do here, or one command with examples',
  notes: [],
  access: 'everyone',
  examples: [
    { command: '/help', meaning: 'shows all commands' },
    { command: '/help compute', meaning: 'shows how to compute' },
  ],
  needsCatalogue: false,
  allowedUnderBrokenPolicy: true,
  interpret: (args) => {
    args.requireAtMost(1, 'one command name');
    args.rejectParameters();
    const [nameArgument] = args.positionals;
    if (!nameArgument) return { kind: 'help' };
    const name = nameArgument.value.replace(/^\//, '').toLowerCase();
    if (isCommandName(name)) return { kind: 'help', about: name };
    const expected = `one of ${commandNames.join(', ')}`;
    const suggestion = findClosest(name, commandNames) ?? null;
    args.addError(nameArgument, 'unknown-command', '{received} is not a command', {
      expected,
      received: nameArgument.value,
      suggestion,
    });
    return undefined;
  },
};

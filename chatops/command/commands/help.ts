import { commandNames, isCommandName } from '../command.ts';
import { findClosest } from '../did-you-mean.ts';
import type { CommandSpec } from './spec.ts';

export const help: CommandSpec = {
  name: 'help',
  usage: '/help [command]',
  summary: 'shows the commands and what you can do here; or one command with examples',
  notes: [],
  access: 'everyone',
  examples: [
    { command: '/help', meaning: 'shows all commands' },
    { command: '/help compute', meaning: 'shows how to compute' },
  ],
  needsCatalogue: false,
  interpret: (given) => {
    given.requireAtMost(1, 'the name of one command');
    given.rejectParameters();
    const [asked] = given.positionals;
    if (!asked) return { kind: 'help' };
    const word = asked.value.replace(/^\//, '').toLowerCase();
    if (isCommandName(word)) return { kind: 'help', about: word };
    const expected = `one of ${commandNames.join(', ')}`;
    const suggestion = findClosest(word, commandNames) ?? null;
    given.addError(asked, 'unknown-command', 'There is no such command', {
      expected,
      received: asked.value,
      suggestion,
    });
    return undefined;
  },
};

import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { findAddedCommands, parseCommands, type CommandItem } from '../../../chatops/command/index.ts';

const shown = (item: CommandItem): string =>
  item.kind === 'command' ? `${item.command.canonical} #${item.command.occurrence}` : `! ${item.heading}`;

const added = (before: string, after: string): string[] => findAddedCommands(before, after).map(shown);

test('a key is made of the canonical command and its occurrence', () => {
  const keys = parseCommands('/cox run A  b=2 a=1\n\n/run A a=1 b=2').map(({ key }) => key);
  const expected = [1, 2].map((n) =>
    createHash('sha256').update(`/run A a=1 b=2\n${n}`).digest('hex').slice(0, 8),
  );
  expect(keys).toEqual(expected);
});

test.each<[name: string, before: string, after: string, ...added: string[]]>([
  ['nothing', '/run A', '/run A'],
  ['text around it', '/run A', 'Please:\n\n/run A\n\nThank you.'],
  ['another order', '/run A\n/run B', '/run B\n/run A'],
  ['another way to write it', '/run A a=1 b="2"', '/cox Run A b=2 a=1'],
  ['a command more', '/run A', '/run B\n/run A', '/run B #1'],
  ['the same once more', '/run A', '/run A\n/run A', '/run A #2'],
  ['one of two away', '/run A\n/run A', '/run A'],
  ['a value', '/run A x=1', '/run A x=2', '/run A x=2 #1'],
  ['out of code', '`/run A`\n/run B', '/run A\n/run B', '/run A #1'],
  ['a mistake that stays', '/hlep\n/run A', 'Hm\n/run A\n/hlep'],
  ['a mistake mended', '/hlep', '/help', '/help #1'],
  ['a mistake made', '/help', '/hlep', '! /hlep'],
  ['hidden text away', '/run<b> A', '/run A', '/run A #1'],
  ['a secret with a mistake', '/run A token="a', '/run A token="b', '! /run A token=…'],
])('an edit changes %s', (_, before, after, ...expected) => {
  expect(added(before, after)).toEqual(expected);
});

import { expect, test } from '@jest/globals';
import { parseCommands, type Grammar } from '../../../chatops/command/index.ts';

const usual = { prefix: 'cox', required: false };
const required = { prefix: 'cox', required: true };
const renamed = { prefix: 'ops', required: false };

/** The canonical texts of the commands of a comment, and the error codes of invalid items; `?` marks doubtful ones. */
const read = (body: string, grammar: Grammar): string[] =>
  parseCommands(body, grammar).map((item) => {
    if (item.kind === 'command') return item.command.canonical;
    return `${item.doubtful ? '? ' : ''}${item.errors.map(({ code }) => code).join(' ')}`;
  });

test.each<[string, Grammar, ...string[]]>([
  ['/help', usual, '/help'],
  ['/cox help', usual, '/help'],
  ['/COX Help', usual, '/help'],
  ['/ops help', usual],
  ['/help', required],
  ['/hlep', required],
  ['/cox help', required, '/help'],
  ['/help', renamed, '/help'],
  ['/ops help', renamed, '/help'],
  ['/cox help', renamed],
  ['/cox hlep', renamed],
  ['/hlep', usual, '? unknown-command'],
  ['/block door', usual, '? unknown-command'],
  ['/hlep x="', usual, '? unknown-command unclosed-quote'],
  ['/cox hlep', usual, 'unknown-command'],
  ['/cox anything', usual, 'unknown-command'],
  ['/cox anything', required, 'unknown-command'],
  ['/ops anything', renamed, 'unknown-command'],
  ['/cox', usual, 'missing-command'],
  ['/compute 1 x="', usual, 'unclosed-quote'],
  ['/cxo help', usual],
  ['/explain ops run A', renamed, '/explain run A'],
  ['/ops explain /ops run A', renamed, '/explain run A'],
  ['/explain cox run A', renamed, '/explain cox run A'],
])('%s under %j: %j', (body, grammar, ...expected) => {
  expect(read(body, grammar)).toEqual(expected);
});

test.each([
  ['/rnu', usual, '/run'],
  ['/cox rnu', usual, '/cox run'],
  ['/ops rnu', { prefix: 'ops', required: true }, '/ops run'],
])('the suggestion for %s uses the prefix of the repository', (body, grammar, suggestion) => {
  expect(parseCommands(body, grammar)).toMatchObject([{ errors: [{ suggestion }] }]);
});

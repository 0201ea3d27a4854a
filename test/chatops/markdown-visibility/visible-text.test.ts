import { expect, test } from '@jest/globals';
import { parseCommands } from '../../../chatops/command/index.ts';
import { getVisibleText } from '../../fixtures/comments/visible-text.ts';
import { visibleCommands, hiddenCommands } from '../../fixtures/comments/visibility-cases.ts';
import { summarizeCommands } from '../../fixtures/comments/parsed-commands.ts';

test.each(Object.entries(hiddenCommands))('no command: %s', (_, body) => {
  expect(parseCommands(body)).toEqual([]);
  expect(parseCommands(body.replaceAll('\n', '\r\n'))).toEqual([]);
});

test.each(Object.entries(visibleCommands))('a command: %s', (_, [body, ...expected]) => {
  expect(summarizeCommands(body)).toEqual(expected);
});

test('only a closed fence ends the code', () => {
  expect(summarizeCommands('```\n/compute 1\n```\n/compute 2\n```\n/compute 3\n')).toEqual(['/compute 2']);
});

test('visible text keeps length and lines, with blanks for everything else', () => {
  const body = 'a `b` <!-- c -->\r\n> d\n\n[e](f "g")\n\n    h';
  const expected = `a${' '.repeat(15)}\n   \n\n[e]       \n\n     `;
  expect(getVisibleText(body)).toBe(expected);
});

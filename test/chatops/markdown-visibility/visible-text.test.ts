import { expect, test } from '@jest/globals';
import { readCommands, visibleText } from '../../../chatops/command/index.ts';
import { commands, texts } from '../../fixtures/comments/visibility-cases.ts';
import { written } from '../../fixtures/comments/parsed-commands.ts';

test.each(Object.entries(texts))('no command: %s', (_, body) => {
  expect(readCommands(body)).toEqual([]);
  expect(readCommands(body.replaceAll('\n', '\r\n'))).toEqual([]);
});

test.each(Object.entries(commands))('a command: %s', (_, [body, ...expected]) => {
  expect(written(body)).toEqual(expected);
});

test('a fence that is closed ends the code, and only that', () => {
  expect(written('```\n/compute 1\n```\n/compute 2\n```\n/compute 3\n')).toEqual(['/compute 2']);
});

test('visible text keeps lengths and lines, and blanks what is not shown as text', () => {
  const body = 'a `b` <!-- c -->\r\n> d\n\n[e](f "g")\n\n    h';
  const expected = `a${' '.repeat(15)}\n   \n\n[e]       \n\n     `;
  expect(visibleText(body)).toBe(expected);
});

import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseBasePort, parseChoices, parseInteger, parsePattern, parseSince } from '../../cli/options.ts';
import { resolveDataFolder } from '../../local/platform/data-folder.ts';

describe('option values', () => {
  test('the data folder is absolute, and .coxswain when none is named', () => {
    expect(resolveDataFolder(undefined)).toBe(resolve('.coxswain'));
    expect(resolveDataFolder('x/y')).toBe(resolve('x/y'));
  });

  test.each(['abc', '-1', '70000', '1.5', '', '65531', '1e3'])('port %j is refused', (port) => {
    expect(() => parseBasePort(port)).toThrow('Expected a whole number from 0 to 65530.');
  });

  test('numbers at both ends of a range are accepted', () => {
    expect([parseBasePort('0'), parseBasePort('65530'), parseInteger(1, 2)('2')]).toEqual([0, 65_530, 2]);
  });

  test('a time is a duration before now, or a date', () => {
    expect(parseSince('2026-03-01')).toBe('2026-03-01T00:00:00.000Z');
    const ago = Date.now() - Date.parse(parseSince('2h'));
    expect(ago).toBeGreaterThanOrEqual(7_200_000);
    for (const wrong of ['yesterday', '', '9999999999999d'])
      expect(() => parseSince(wrong)).toThrow('Expected a duration such as 30m, 2h or 7d');
  });

  test('lists have only choices', () => {
    expect(parseChoices(['a', 'b'])('a, b')).toEqual(['a', 'b']);
    expect(() => parseChoices(['a', 'b'])('a,c')).toThrow('Expected one or more of: a, b.');
  });

  test('a text must match its pattern', () => {
    expect(parsePattern(/^\d+$/, 'digits')('12')).toBe('12');
    expect(() => parsePattern(/^\d+$/, 'digits')('x')).toThrow('Expected digits.');
  });
});

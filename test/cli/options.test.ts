import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseBasePort, readOptions } from '../../cli/options.ts';
import { dataFolder } from '../../local/platform/data-folder.ts';

const read = (args: string[], maxArguments = 0) =>
  readOptions('help', { data: { type: 'string' } }, { maxArguments, args });

describe('options', () => {
  test('are parsed with their values and arguments', () => {
    const { values, positionals } = read(['--data', 'd', '/compute 1'], 1);
    expect(values.data).toBe('d');
    expect(positionals).toEqual(['/compute 1']);
  });

  test.each([
    [['--nope'], "Unknown option '--nope'. Run with --help to list the options."],
    [['--data'], "Option '--data <value>' argument missing. Run with --help to list the options."],
    [['x'], "Unexpected argument 'x'. Run with --help to list the options."],
  ])('%j is refused with the remedy', (args, message) => {
    expect(() => read(args)).toThrow(message);
  });

  test('a command without quotes is reported as too many arguments', () => {
    expect(() => read(['/compute', '100'], 1)).toThrow('Too many arguments: 100. Put the comment in quotes.');
  });

  test('the data folder is absolute, and .coxswain when none is named', () => {
    expect(dataFolder(undefined)).toBe(resolve('.coxswain'));
    expect(dataFolder('x/y')).toBe(resolve('x/y'));
  });

  test.each(['abc', '-1', '70000', '1.5', '', '65531'])('port %j is refused', (port) => {
    expect(() => parseBasePort(port, 1)).toThrow(
      `--port: expected a number from 0 to 65530, received ${JSON.stringify(port)}.`,
    );
  });

  test('a port is a number; without one there is a default', () => {
    expect([parseBasePort('0', 9), parseBasePort('65530', 9), parseBasePort(undefined, 9)]).toEqual([
      0, 65_530, 9,
    ]);
  });
});

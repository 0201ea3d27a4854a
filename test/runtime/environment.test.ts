import { describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { integerText, settingsFrom, SettingsError } from '../../runtime/environment.ts';

const Schema = v.object({
  PORT: v.optional(integerText(1, 65_535), '80'),
  SOME_KEY: v.optional(v.pipe(v.string(), v.minLength(8, 'expected at least 8 characters'))),
  NAME: v.string('expected a name'),
});

describe('settings', () => {
  test('are read, with defaults for what is absent or empty', () => {
    expect(settingsFrom(Schema, { NAME: 'a', PORT: '', OTHER: 'x' })).toEqual({ NAME: 'a', PORT: 80 });
    expect(settingsFrom(Schema, { NAME: 'a', PORT: '443' }).PORT).toBe(443);
  });

  test('that are wrong are named all at once, without the values of secrets', () => {
    const read = () => settingsFrom(Schema, { PORT: '99999', SOME_KEY: 'hunter2' });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(
      [
        'The environment is not right.',
        '  PORT: expected an integer from 1 to 65535, received 99999',
        '  SOME_KEY: expected at least 8 characters, received another value',
        '  NAME: expected a name, received nothing',
      ].join('\n'),
    );
  });

  test.each(['', '-1', '1.5', '1e3', ' 7', '0x10', '9999999999999'])('%j is no integer', (text) => {
    expect(v.safeParse(integerText(0, 10), text).success).toBe(false);
  });
});

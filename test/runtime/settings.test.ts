import { describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import {
  integerSetting,
  getSecretNames,
  readSettings,
  secretSetting,
  setting,
  SettingsError,
} from '../../runtime/settings.ts';
import { maskSecrets } from '../../runtime/log.ts';

const Schema = v.object({
  PORT: setting('The port.', v.optional(integerSetting(1, 65_535), '80')),
  SOME_KEY: setting(
    'A key that is not marked as a secret.',
    v.optional(v.pipe(v.string(), v.minLength(8, 'expected at least 8 characters'))),
  ),
  NAME: setting('The name.', v.string('expected a name')),
});

describe('settings', () => {
  test('are read, with defaults for what is absent or empty', () => {
    expect(readSettings(Schema, { NAME: 'a', PORT: '', OTHER: 'x' })).toEqual({ NAME: 'a', PORT: 80 });
    expect(readSettings(Schema, { NAME: 'a', PORT: '443' }).PORT).toBe(443);
  });

  test('that are wrong are named all at once, without the values of secrets', () => {
    const read = () => readSettings(Schema, { PORT: '99999', SOME_KEY: 'hunter2' });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(
      [
        'Some settings in the environment are missing or not valid.',
        '  PORT: expected an integer from 1 to 65535, received 99999',
        '  SOME_KEY: expected at least 8 characters, received another value',
        '  NAME: expected a name, received nothing',
      ].join('\n'),
    );
  });

  test('that are marked as secrets are masked from then on, also when they are wrong', () => {
    const Secrets = v.object({
      SIGN_IN: secretSetting(
        'A password.',
        v.pipe(v.string(), v.minLength(30, 'expected at least 30 characters')),
      ),
      PEM: secretSetting(
        'A private key.',
        v.optional(
          v.pipe(
            v.string(),
            v.transform((text) => text.replaceAll('-', '\n')),
          ),
        ),
      ),
    });
    expect(getSecretNames(Secrets)).toEqual(['SIGN_IN', 'PEM']);
    const wrong = 'a-sign-in-that-is-short';
    expect(() => readSettings(Secrets, { SIGN_IN: wrong })).toThrow('received another value');
    expect(maskSecrets(`<${wrong}>`)).toBe('<[redacted]>');
    readSettings(Secrets, { SIGN_IN: 'x'.repeat(30), PEM: 'first0line-second0line' });
    expect(maskSecrets('first0line-second0line, second0line')).toBe('[redacted], [redacted]');
  });

  describe('with a former name', () => {
    const Renamed = v.object({
      MAX_JOBS: setting('The maximum.', v.optional(integerSetting(1, 100), '100'), {
        formerName: 'MOST_JOBS',
      }),
      MAX_TEXT: setting('A text.', v.optional(v.string(), 'none'), { formerName: 'MOST_TEXT' }),
    });
    const read = (environment: Record<string, string>) => {
      const warnings: string[] = [];
      const settings = readSettings(Renamed, environment, { warn: (message) => warnings.push(message) });
      return { settings, warnings };
    };
    const warning = 'MOST_JOBS is now named MAX_JOBS. The next release ignores the former name.';

    test('are read under both names, under the former one with a warning', () => {
      const settings = { MAX_JOBS: 5, MAX_TEXT: 'none' };
      expect(read({ MAX_JOBS: '5' })).toEqual({ settings, warnings: [] });
      expect(read({ MOST_JOBS: '5' })).toEqual({ settings, warnings: [warning] });
      expect(read({ MOST_JOBS: '5', MAX_JOBS: '' })).toEqual({ settings, warnings: [warning] });
      expect(read({ MOST_JOBS: '', MAX_JOBS: '5' })).toEqual({ settings, warnings: [] });
      expect(read({ MOST_JOBS: '5', MAX_JOBS: '5' })).toEqual({ settings, warnings: [warning] });
    });

    test('are refused if both variables are set to different values, and both are named', () => {
      expect(() => read({ MOST_JOBS: '5', MAX_JOBS: '6', MOST_TEXT: 'a' })).toThrow(
        new SettingsError(
          'Some settings in the environment are missing or not valid.\n  MAX_JOBS and MOST_JOBS, its former name, have different values. Remove MOST_JOBS.',
        ),
      );
    });

    test('that are wrong are named as they were set', () => {
      expect(() => read({ MOST_JOBS: '500' })).toThrow(
        '  MOST_JOBS: expected an integer from 1 to 100, received 500',
      );
    });
  });

  describe('that are wrong for several reasons', () => {
    const Many = v.object({
      STORAGE: secretSetting('The storage.', v.string('expected a connection string')),
      CHANNEL: secretSetting('A channel.', v.string('expected a channel')),
      SIZE: setting('A size.', v.optional(integerSetting(1, 9), '1'), { formerName: 'EXTENT' }),
      LEVEL: setting('A level.', v.optional(v.picklist(['low', 'high'], 'expected "low" or "high"')), {
        remedy: 'Remove it to use the best level.',
      }),
      PROXY: setting('A proxy.', v.optional(v.string()), {
        checks: [(text) => (text.startsWith('https:') ? undefined : 'an https address')],
      }),
      URL: setting('An address.', v.optional(v.string()), { requires: ['TOKEN'] }),
      TOKEN: secretSetting('Its token.', v.optional(v.string()), { requires: ['URL'] }),
      RULES: setting('Rules.', v.optional(v.string()), {
        requires: (text) => (text === 'strict' ? ['OWNER'] : []),
      }),
      OWNER: setting('The owner of strict rules.', v.optional(v.string())),
    });

    test('name all problems at once: files, values, other settings, and what to do', () => {
      const environment = {
        STORAGE: 'x',
        SIZE: '3',
        EXTENT: '4',
        LEVEL: 'middle',
        PROXY: 'http://me:hunter2@proxy.example',
        URL: 'https://a.example',
        RULES: 'strict',
      };
      const unreadable = {
        STORAGE: 'STORAGE_FILE: expected a readable file, received "/no" (ENOENT)',
      };
      expect(() => readSettings(Many, environment, { unreadable })).toThrow(
        new SettingsError(
          [
            'Some settings in the environment are missing or not valid.',
            '  STORAGE_FILE: expected a readable file, received "/no" (ENOENT)',
            '  CHANNEL: expected a channel, received nothing. Set it, or set CHANNEL_FILE to the path of a file with it.',
            '  SIZE and EXTENT, its former name, have different values. Remove EXTENT.',
            '  LEVEL: expected "low" or "high", received "middle". Remove it to use the best level.',
            '  PROXY: expected an https address, received "http://[redacted]@proxy.example"',
            '  TOKEN: expected a value, because URL requires it, received nothing. Set both, or neither.',
            '  OWNER: expected a value, because RULES requires it, received nothing',
          ].join('\n'),
        ),
      );
    });

    test('are accepted once they are corrected, with both settings of a pair or neither', () => {
      const environment = { STORAGE: 'x', CHANNEL: 'y', RULES: 'lenient' };
      expect(readSettings(Many, environment)).toEqual({ ...environment, SIZE: 1 });
      const pair = { URL: 'https://a.example', TOKEN: 'a token' };
      expect(readSettings(Many, { ...environment, ...pair })).toMatchObject(pair);
    });

    test('name a file that is empty', () => {
      expect(() =>
        readSettings(Many, { STORAGE: 'x', CHANNEL_FILE: '/run/channel' }, { unreadable: {} }),
      ).toThrow(/CHANNEL: expected a channel, received nothing\. The file in CHANNEL_FILE is empty\.$/);
    });

    test('name no file if the program reads none', () => {
      expect(() => readSettings(Many, { STORAGE: 'x' })).toThrow(
        /CHANNEL: expected a channel, received nothing$/,
      );
    });

    test('are refused if they are a Key Vault reference that Azure left in place', () => {
      const reference = '@Microsoft.KeyVault(SecretUri=https://vault.example/secrets/key)';
      expect(() => readSettings(Many, { STORAGE: reference, CHANNEL: 'y' })).toThrow(
        /STORAGE: expected a value, received a Key Vault reference that Azure could not resolve\. .*Key Vault Secrets User/,
      );
    });
  });

  test.each(['', '-1', '1.5', '1e3', ' 7', '0x10', '9999999999999'])('%j is no integer', (text) => {
    expect(v.safeParse(integerSetting(0, 10), text).success).toBe(false);
  });
});

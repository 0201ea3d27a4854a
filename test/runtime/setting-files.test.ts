import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { SettingFiles } from '../../runtime/setting-files.ts';
import { TestClock } from '../fakes/test-clock.ts';
import { MountedSecret } from '../fixtures/mounted-secret.ts';
import { waitUntil } from '../fixtures/wait-until.ts';

describe('settings in files', () => {
  const values = { id: '1\n', key: 'first key\n' };
  let secret: MountedSecret;
  let files: SettingFiles;
  let clock: TestClock;
  let ended: AbortController;
  let logged: string[];
  let changes: string[];

  beforeEach(async () => {
    secret = await MountedSecret.create(values);
    files = new SettingFiles(['APP_ID', 'KEY', 'OTHER'], {
      APP_ID_FILE: secret.path('id'),
      KEY_FILE: secret.path('key'),
      OTHER_FILE: '',
    });
    clock = new TestClock();
    ended = new AbortController();
    logged = [];
    changes = [];
  });
  afterEach(async () => {
    ended.abort();
    await secret.remove();
  });

  const watch = async (): Promise<void> => {
    expect(await files.read()).toEqual({
      values: { APP_ID: '1', KEY: 'first key' },
      unreadable: {},
      origins: { APP_ID: `file ${secret.path('id')}`, KEY: `file ${secret.path('key')}` },
    });
    const log = pino({ level: 'info' }, { write: (line) => void logged.push(line) });
    void files.waitForChange({ log, signal: ended.signal, clock }).then((change) => changes.push(change));
  };
  /** Lets the files be read once more. */
  const poll = async (): Promise<void> => {
    await waitUntil('the wait', () => clock.pending === 1 || changes.length > 0);
    clock.advance(5_000);
    await waitUntil('the next wait', () => clock.pending === 1 || changes.length > 0);
  };

  test('count as changed when two reads return the new value after a mounted Secret was replaced', async () => {
    await watch();
    await poll();
    await secret.replace({ ...values, key: 'second key\n' });
    await poll();
    expect(changes).toEqual([]);
    await poll();
    expect(changes).toEqual(['changed files']);
    expect(logged.join('')).toContain('"files":["KEY_FILE"]');
    expect(logged.join('')).not.toContain('second key');
  });

  test('do not count while they are missing, empty, or different at each read', async () => {
    await watch();
    await secret.replace({ id: '1\n' });
    await poll();
    await poll();
    await secret.replace({ ...values, key: '' });
    await poll();
    await poll();
    for (const key of ['sec', 'second', 'second k']) {
      await secret.replace({ ...values, key });
      await poll();
    }
    await secret.replace(values);
    await poll();
    await poll();
    expect(changes).toEqual([]);
    expect(logged.filter((line) => line.includes('"file":"KEY_FILE"'))).toHaveLength(1);
    await secret.replace({ ...values, id: '2\n' });
    await poll();
    await poll();
    expect(changes).toEqual(['changed files']);
  });

  test('with the same values in a new version of the Secret are unchanged', async () => {
    await watch();
    await secret.replace({ id: '1', key: 'first key\n' });
    await poll();
    await poll();
    expect(changes).toEqual([]);
    expect(logged).toEqual([]);
  });

  test('that cannot be read at the start are all reported by name', async () => {
    await secret.replace({});
    const { values, unreadable } = await files.read();
    expect(values).toEqual({});
    expect(unreadable).toEqual({
      APP_ID: `APP_ID_FILE: expected a readable file, received "${secret.path('id')}" (ENOENT)`,
      KEY: `KEY_FILE: expected a readable file, received "${secret.path('key')}" (ENOENT)`,
    });
  });
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { formatConfig } from '../../runtime/print-config.ts';
import { integerSetting, secretSetting, setting } from '../../runtime/settings.ts';

const storage = 'AccountName=a;AccountKey=c2VjcmV0LW9mLXRlc3Q=';
const key = 'k3y-of-the-test-'.repeat(2);

describe('the settings of a program', () => {
  const Schema = v.object({
    PORT: setting('The port.', v.optional(integerSetting(1, 65_535), '80')),
    MAX: setting('The maximum.', v.optional(integerSetting(1, 9)), {
      formerName: 'MOST',
      whenMissing: 'the most of `PORT`',
    }),
    LIST: setting('A list.', v.optional(v.pipe(v.string(), v.parseJson()), '[]')),
    NAME: setting('A name.', v.optional(v.string()), { whenMissing: 'random' }),
    KEY: secretSetting('A key.', v.optional(v.string()), { whenMissing: 'none' }),
    LOCK: setting('A lock.', v.optional(v.string()), { internal: true }),
  });
  const format = (environment: Record<string, string>, origins: Record<string, string> = {}) =>
    formatConfig('test', Schema, { environment, origins, unreadable: {} }).split('\n');

  test('are one line each, with defaults and what applies without a value', () => {
    expect(format({})).toEqual([
      '# Settings of the test',
      'PORT=80  # default',
      '# MAX is not set: the most of PORT',
      'LIST=[]  # default',
      '# NAME is not set: random',
      '# KEY is not set: none',
      '',
    ]);
  });

  test('name their source, and the former name under which they were set', () => {
    const lines = format({ MOST: '3', PORT: '443', KEY: key, LOCK: '/l' }, { KEY: 'file /run/key' });
    expect(lines).toEqual(
      expect.arrayContaining([
        'PORT=443  # environment',
        'MAX=3  # environment, under its former name MOST',
        'KEY=[redacted]  # file /run/key',
        'LOCK=/l  # environment',
      ]),
    );
  });

  test.each([
    ['web-1', 'web-1'],
    ['two words', "'two words'"],
    ["it's", '"it\'s"'],
    ['a\nb', String.raw`"a\nb"`],
    ['https://me:hunter2@proxy.example/', 'https://[redacted]@proxy.example/'],
  ])('keep the value %j in one line, without credentials', (value, shown) => {
    expect(format({ NAME: value })).toContain(`NAME=${shown}  # environment`);
  });

  test('never show a secret, its length, or another setting’s copy of it', () => {
    const long = format({ KEY: key, NAME: `x${key}x` }).join('\n');
    expect(long).not.toContain(key);
    expect(long).toContain('NAME=x[redacted]x');
    expect(format({ KEY: 'short' })).toEqual(format({ KEY: 'a secret of another length' }));
  });

  test('name variables that the program does not read', () => {
    expect(format({ COXSWAIN_PROT: '1', PORT_FILE: '/p', KEY_FILE: '/k', OTHER: 'x' })).toEqual(
      expect.arrayContaining([
        '# COXSWAIN_PROT is set, but the test does not read it',
        '# PORT_FILE is set, but the test does not read it',
      ]),
    );
    expect(format({ KEY_FILE: '/k', OTHER: 'x' }).join()).not.toMatch(/KEY_FILE|OTHER/);
    const withoutFiles = formatConfig('test', Schema, { environment: { KEY_FILE: '/k' }, origins: {} });
    expect(withoutFiles).toContain('# KEY_FILE is set, but the test does not read it');
  });
});

describe('--print-config', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'config-'))));
  afterEach(() => rm(folder, { recursive: true }));

  /** Runs a program from its source, in an empty folder, and sends it secrets if there are any. */
  const run = async (
    entry: string,
    environment: Record<string, string>,
    secrets?: Record<string, string>,
  ) => {
    const child = fork(join(process.cwd(), entry), ['--print-config'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...environment },
      execArgv: ['--no-warnings'],
      silent: true,
    });
    if (secrets) child.send({ secrets });
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout!),
      text(child.stderr!),
      once(child, 'close') as Promise<[code: number]>,
    ]);
    return { stdout, stderr, code };
  };

  const orchestrator = { COXSWAIN_STORAGE: storage, COXSWAIN_KEY: key };
  const bot = { ORCHESTRATOR_URL: 'https://orchestrator.example', ORCHESTRATOR_KEY: key };
  const programs: [name: string, entry: string, required: Record<string, string>, secret: string][] = [
    [
      'the Functions app',
      'compute/orchestrator/main.ts',
      { ...orchestrator, COXSWAIN_EVENTS: storage },
      'COXSWAIN_STORAGE',
    ],
    ['the embedded orchestrator', 'local/embedded-orchestrator/main.ts', orchestrator, 'COXSWAIN_KEY'],
    ['the worker', 'compute/worker/main.ts', { COXSWAIN_STORAGE: storage }, 'COXSWAIN_STORAGE'],
    ['the bot', 'bot/main.ts', bot, 'ORCHESTRATOR_KEY'],
    ['the runner', 'compute/runner/main.ts', { COXSWAIN_ORDER: key }, 'COXSWAIN_ORDER'],
  ];

  test.each(programs)('%s prints its settings without secrets, and exits with 0', async (...program) => {
    const [, entry, required, secret] = program;
    const { stdout, stderr, code } = await run(entry, { ...required, LOG_LEVEL: 'debug' });
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toContain(`\n${secret}=[redacted]  # environment\n`);
    expect(stdout).toContain('\nLOG_LEVEL=debug  # environment\n');
    for (const part of [key, storage, 'AccountKey=c2']) expect(stdout).not.toContain(part);
  });

  test.each(programs)('%s reports all errors at once, and exits with 1', async (_, entry, required) => {
    const wrong = { LOG_LEVEL: 'loud', COXSWAIN_ALLOW_HTTP: 'http://a.example' };
    const { stdout, stderr, code } = await run(entry, { ...required, ...wrong });
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
    expect(stderr).toMatch(/ LOG_LEVEL: expected one of silent, .*, received "loud"\n/);
    expect(stderr).toContain(' COXSWAIN_ALLOW_HTTP: expected a comma-separated list of host names');
  });

  test('shows settings in files and from the parent process', async () => {
    const file = join(folder, 'app-id');
    await writeFile(file, '7\n');
    const { stdout } = await run(
      'compute/worker/main.ts',
      { COXSWAIN_SECRETS_FROM: 'parent' },
      { COXSWAIN_STORAGE: storage },
    );
    expect(stdout).toContain('COXSWAIN_STORAGE=[redacted]  # parent process\n');
    const { stderr } = await run('bot/main.ts', { ...bot, APP_ID_FILE: file, PRIVATE_KEY_FILE: `${file}-2` });
    expect(stderr).toContain(`PRIVATE_KEY_FILE: expected a readable file, received "${file}-2" (ENOENT)`);
    expect(stderr).toContain(
      'WEBHOOK_SECRET: expected the webhook secret of the GitHub App, received nothing.',
    );
    expect(stderr).not.toContain('APP_ID: ');
  });

  test('reports a wrong secret from the parent process with the other errors, without its value', async () => {
    const { stderr, code } = await run(
      'compute/worker/main.ts',
      { COXSWAIN_SECRETS_FROM: 'parent', COXSWAIN_SLOTS: '0' },
      { COXSWAIN_STORAGE: 'no-connection-string' },
    );
    expect(code).toBe(1);
    expect(stderr).toContain('COXSWAIN_STORAGE: expected a connection string, received another value');
    expect(stderr).toContain('COXSWAIN_SLOTS: expected an integer from 1 to 256, received 0');
    expect(stderr).not.toContain('no-connection-string');
  });

  test('says where the bot’s GitHub App comes from', async () => {
    const missing = await run('bot/main.ts', bot);
    expect(missing.stdout).toContain('.coxswain/app.json does not exist: the bot starts its set-up page');
    const file = join(folder, 'app.json');
    const app = { v: 1, host: 'github.com', id: 7, slug: 'a', privateKey: key, webhookSecret: key };
    await writeFile(file, JSON.stringify(app));
    const { stdout } = await run('bot/main.ts', { ...bot, COXSWAIN_APP_FILE: file });
    expect(stdout).toContain(`# APP_ID=7, PRIVATE_KEY and WEBHOOK_SECRET come from ${file}\n`);
    expect(stdout).not.toContain(key);
    const other = await run('bot/main.ts', { ...bot, COXSWAIN_APP_FILE: file, GHE_HOST: 'ghe.example' });
    expect(other).toMatchObject({ code: 1, stdout: '' });
    expect(other.stderr).toContain('an app of github.com, but the bot is configured for ghe.example');
  });
});

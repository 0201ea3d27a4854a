import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isHosted, startTestPlatform, waitUntil, type LocalPlatform } from '../fixtures/local-platform.ts';

/** Texts by which a secret would be recognized: the value, of a key in PEM each of its longer lines. */
const marksOf = (secret: string): string[] =>
  secret.split('\n').filter((line) => line.length >= 16 && !line.startsWith('-----'));

const stringsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
};

/** What any program of the same user may read of a process for as long as it lives. */
const shownOf = (pid: number): string => {
  const folder = `/proc/${pid}`;
  const files = [
    'environ',
    'cmdline',
    ...readdirSync(`${folder}/task`).map((task) => `task/${task}/environ`),
  ];
  return files.map((file) => readIfThere(join(folder, file))).join('\n');
};

/** A thread may end after it was listed: then it shows nothing. */
const readIfThere = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (/^(?:ENOENT|ESRCH)$/.test(String((error as NodeJS.ErrnoException).code))) return '';
    throw error;
  }
};

describe('on a local platform', () => {
  let platform: LocalPlatform;
  beforeAll(async () => {
    platform = await startTestPlatform(() => ({
      LOG_LEVEL: 'debug',
      COXSWAIN_PROGRAMS: JSON.stringify({ wait: { command: ['sleep', '600'] } }),
    }));
  });
  afterAll(() => platform.remove());

  const marks = async (): Promise<string[]> => {
    const secrets: unknown = JSON.parse(await readFile(join(platform.folder, 'secrets.json'), 'utf8'));
    const { github, storage } = await platform.file();
    const [, key = ''] = /AccountKey=([^;]+)/.exec(storage.connectionString) ?? [];
    const tokens = [github.token, github.workflowToken, ...github.users.map(({ token }) => token)];
    return [...stringsIn(secrets), key, ...tokens].flatMap(marksOf);
  };

  test('no environment and no argument of any process holds a secret', async () => {
    const writer = await platform.as('write');
    const { github } = await platform.file();
    await writer.comment(github.issue, '/run Countdown seconds=60');
    await writer.comment(github.issue, '/compute 4 algorithm=exec program=wait');
    await waitUntil('runner and worker', async () => {
      const names = (await platform.file()).children.map(({ name }) => name);
      return (await platform.hasRunner()) && names.includes('worker');
    });
    const { pid, children } = await platform.file();
    expect(new Set(children.map(({ name }) => name))).toEqual(
      new Set(['azurite-blob', 'azurite-queue', 'bot', 'worker', isHosted ? 'orchestrator' : 'runner']),
    );
    const secrets = await marks();
    expect(secrets.length).toBeGreaterThan(20);
    const containers = (platform.azure?.groups() ?? []).flatMap(({ name, pid: first }) =>
      first === null ? [] : [{ name, pid: first }],
    );
    const leaks = [{ name: 'platform', pid }, ...children, ...containers].flatMap((child) =>
      secrets.filter((secret) => shownOf(child.pid).includes(secret)).map((secret) => [child.name, secret]),
    );
    expect(leaks).toEqual([]);
  });

  test('no line of any log, nothing that is printed, and no reply holds a secret', async () => {
    const { jobs, comment } = await platform.say('/run Hello who=you');
    expect(jobs).toMatchObject([{ state: 'completed' }]);
    const said = platform.output();
    expect(said).toContain('"program":"bot"');
    expect((await marks()).filter((secret) => said.includes(secret))).toEqual([]);
    const { github } = await platform.file();
    const replies = await (await platform.as('write')).commentsSince(github.issue, comment);
    const replied = JSON.stringify(replies);
    expect(replied).toContain('Hello');
    expect((await marks()).filter((secret) => replied.includes(secret))).toEqual([]);
    expect(said).not.toMatch(/ghs_|sig=(?!\[redacted\])/);
  });
});

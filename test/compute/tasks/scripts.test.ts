import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const tasks = fileURLToPath(new URL('../../../compute/tasks/', import.meta.url));

describe('our own scripts', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'az-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const run = (script: string, environment: Record<string, string>): Promise<{ code: number; out: string }> =>
    new Promise((resolve) => {
      const env = { PATH: `${folder}:/usr/bin:/bin`, ...environment };
      execFile(join(tasks, script), { env }, (error, out) =>
        resolve({ code: Number(error?.code ?? 0), out }),
      );
    });
  /** A command of this name that notes how it was called. */
  const standIn = async (name: string, body: string): Promise<void> => {
    await writeFile(join(folder, name), `#!/bin/bash\n${body}\n`);
    await chmod(join(folder, name), 0o755);
  };

  test('Hello greets, whatever the name', async () => {
    expect(await run('hello.sh', { who: '%s $(id) "you"' })).toEqual({
      code: 0,
      out: 'Hello, %s $(id) "you"!\n',
    });
  });

  test('Countdown counts down', async () => {
    expect(await run('countdown.sh', { seconds: '1' })).toEqual({ code: 0, out: '1\nDone.\n' });
  });

  test('Report delivers a summary, a table and a picture, and refuses other numbers of days', async () => {
    const environment = { PATH: dirname(process.execPath), COXSWAIN_OUTPUT_DIR: folder };
    expect(await run('report.cjs', { ...environment, days: '3' })).toEqual({
      code: 0,
      out: 'Made up 3 days.\n',
    });
    const files = ['summary.md', 'visits.csv', 'visits.png'].map((name) => readFile(join(folder, name)));
    const [summary, table, picture] = await Promise.all(files);
    expect(String(summary)).toContain('visits in 3 days');
    expect(String(table)).toMatch(/^date,kind,visits\n(2026-10-0\d,\w+,\d+\n){3}$/);
    expect(picture?.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    expect(await run('report.cjs', { ...environment, days: '0' })).toEqual({ code: 2, out: '' });
  });

  test('StopVM logs in, then stops the machine', async () => {
    await standIn('az', `printf '[%s]' "$@" >> ${folder}/calls; echo >> ${folder}/calls`);
    expect(await run('stop-vm-azure.sh', { VMName: 'web 1', ResourceGroupName: 'rg-a' })).toMatchObject({
      code: 0,
    });
    expect(await readFile(join(folder, 'calls'), 'utf8')).toBe(
      '[login][--identity]\n[vm][stop][--resource-group][rg-a][--name][web 1]\n',
    );
  });

  test('StopVM fails when the login fails, and stops nothing', async () => {
    await standIn('az', `echo "$1" >> ${folder}/failed; exit 7`);
    expect(await run('stop-vm-azure.sh', { VMName: 'web-1', ResourceGroupName: 'rg-a' })).toMatchObject({
      code: 7,
    });
    expect(await readFile(join(folder, 'failed'), 'utf8')).toBe('login\n');
  });
});

import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { openDataFolder } from '../../../local/platform/data-folder.ts';
import { createDataFolders } from '../../fixtures/data-folders.ts';

const folder = createDataFolders();
const isRoot = process.getuid?.() === 0;
const run = promisify(execFile);

/** Starts the platform as `npm start` does, and returns what it prints before it ends with an error. */
const startWith = async (data: string): Promise<{ code: unknown; stderr: string }> =>
  run(process.execPath, ['cli/guard.cjs', 'cli/coxswain.ts', 'start', '--data', data, '--port', '0'], {
    timeout: 60_000,
  }).then(
    () => ({ code: 0, stderr: '' }),
    ({ code, stderr }: { code: unknown; stderr: string }) => ({ code, stderr }),
  );

describe('a data folder that cannot be used is refused in one line', () => {
  const cases: [what: string, make: () => string, says: string][] = [
    ['below /proc', () => '/proc/nope', 'no folder can be created there (ENOENT)'],
    ['a folder of the kernel', () => '/proc', "it contains files that are not Coxswain's"],
    [
      'a file',
      () => {
        const file = join(folder(), 'file');
        writeFileSync(file, '');
        return file;
      },
      'it, or a part of its path, is a file',
    ],
    [
      'below a file',
      () => {
        const file = join(folder(), 'file');
        writeFileSync(file, '');
        return join(file, 'data');
      },
      'it, or a part of its path, is a file',
    ],
    ['a name that is too long', () => join(folder(), 'x'.repeat(300)), 'is too long (ENAMETOOLONG)'],
    [
      'a path that is too long for SQLite',
      () => join(folder(), 'some-folder/'.repeat(40)),
      'at most 400 are allowed',
    ],
    [
      'a folder with other files',
      () => {
        const used = folder();
        writeFileSync(join(used, 'thesis.txt'), '');
        return used;
      },
      'such as thesis.txt. Choose a new or empty folder with --data.',
    ],
  ];

  test.each(cases)('%s', async (_what, make, says) => {
    const data = make();
    const { code, stderr } = await startWith(data);
    expect(code).not.toBe(0);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(says);
    expect(stderr).toContain('with --data.');
  });

  test('a folder without permission, or of another user', async () => {
    const closed = folder();
    if (isRoot) chownSync(closed, 12_345, 12_345);
    else chmodSync(closed, 0o500);
    const { stderr } = await startWith(closed);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(isRoot ? `${closed} belongs to another user` : 'not allowed to write');
    if (!isRoot) chmodSync(closed, 0o700);
  });
});

test('a folder that is refused is left as it was', () => {
  const used = folder();
  chmodSync(used, 0o755);
  writeFileSync(join(used, 'thesis.txt'), '');
  chmodSync(join(used, 'thesis.txt'), 0o644);
  expect(() => openDataFolder(used)).toThrow('thesis.txt');
  expect([statSync(used).mode & 0o777, statSync(join(used, 'thesis.txt')).mode & 0o777]).toEqual([
    0o755, 0o644,
  ]);
  expect(existsSync(join(used, 'locks'))).toBe(false);
});

test('missing folders are created, and a data folder of an older version is accepted', () => {
  const parent = folder();
  const deep = join(parent, 'a', 'b');
  openDataFolder(deep).release();
  openDataFolder(deep).release();
  expect(statSync(deep).mode & 0o777).toBe(0o700);
  const older = folder();
  writeFileSync(join(older, 'secrets.json'), '{}');
  mkdirSync(join(older, 'storage'));
  openDataFolder(older).release();
});

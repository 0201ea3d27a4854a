import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createFolder, createFolders } from '../../runtime/create-folder.ts';
import { prepareAppFolder } from '../../bot/install/app-file.ts';
import { createDataFolders } from '../fixtures/data-folders.ts';

const folder = createDataFolders();

test('missing folders are created with their mode, and existing ones are left as they are', () => {
  const root = folder();
  createFolders(join(root, 'a', 'b'), 0o700);
  createFolders(join(root, 'a', 'b'), 0o755);
  for (const path of [join(root, 'a'), join(root, 'a', 'b')]) expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('a folder below /proc ends with an error, which Node itself never returns', async () => {
  expect(() => createFolders('/proc/nope/a')).toThrow('ENOENT');
  expect(() => createFolders('/dev/null/a')).toThrow('ENOTDIR');
  expect(() => createFolders('/dev/null/a/b')).toThrow('ENOTDIR');
  expect(() => createFolder('/proc/nope', 'Choose another.')).toThrow(
    'Cannot use the folder /proc/nope: no folder can be created there (ENOENT). Choose another.',
  );
  await expect(prepareAppFolder('/proc/nope/app.json')).rejects.toThrow(
    'COXSWAIN_APP_FILE: could not write /proc/nope/app.json (ENOENT)',
  );
});

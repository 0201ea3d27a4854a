import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeContents, closeFolder, createFilesPrivately } from '../../runtime/private-files.ts';

let root: string;
let umask: number;
beforeEach(() => {
  umask = process.umask(0);
  root = mkdtempSync(join(tmpdir(), 'coxswain-private-'));
});
afterEach(() => {
  process.umask(umask);
  rmSync(root, { recursive: true });
});
const modeOf = (path: string): string => (statSync(join(root, path)).mode & 0o777).toString(8);

test('a folder and all that lies in it is its owner’s alone, and programs stay programs', () => {
  mkdirSync(join(root, 'data/deep/er'), { recursive: true });
  writeFileSync(join(root, 'data/jobs.db'), '', { mode: 0o644 });
  writeFileSync(join(root, 'data/deep/er/script'), '', { mode: 0o755 });
  writeFileSync(join(root, 'data/deep/open'), '', { mode: 0o666 });
  chmodSync(join(root, 'data/deep'), 0o2777);
  closeFolder(join(root, 'data'));
  closeContents(join(root, 'data'));
  expect(['data', 'data/deep', 'data/deep/er'].map(modeOf)).toEqual(['700', '700', '700']);
  expect(modeOf('data/jobs.db')).toBe('600');
  expect(modeOf('data/deep/open')).toBe('600');
  expect(modeOf('data/deep/er/script')).toBe('700');
});

test('what a symbolic link leads to keeps its mode', () => {
  mkdirSync(join(root, 'data'));
  writeFileSync(join(root, 'elsewhere'), '', { mode: 0o644 });
  symlinkSync(join(root, 'elsewhere'), join(root, 'data/link'));
  symlinkSync(root, join(root, 'data/folder'));
  symlinkSync(join(root, 'nowhere'), join(root, 'data/broken'));
  closeContents(join(root, 'data'));
  expect(modeOf('elsewhere')).toBe('644');
});

test('what is created from then on is its owner’s alone', () => {
  createFilesPrivately();
  mkdirSync(join(root, 'later'));
  writeFileSync(join(root, 'later/file'), '');
  expect([modeOf('later'), modeOf('later/file')]).toEqual(['700', '600']);
});

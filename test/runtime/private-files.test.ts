import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  chmodSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  restrictContents,
  restrictFolder,
  restrictNewFiles,
  NotOwnerError,
} from '../../runtime/private-files.ts';

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
  restrictFolder(join(root, 'data'));
  restrictContents(join(root, 'data'));
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
  restrictContents(join(root, 'data'));
  expect(modeOf('elsewhere')).toBe('644');
});

test('what is created from then on is its owner’s alone', () => {
  restrictNewFiles();
  mkdirSync(join(root, 'later'));
  writeFileSync(join(root, 'later/file'), '');
  expect([modeOf('later'), modeOf('later/file')]).toEqual(['700', '600']);
});

const isRoot = process.getuid?.() === 0;
if (!isRoot)
  console.warn('Skipped: what another user has put into a folder, for only root can give files away');
/** Root is allowed all that the check is to refuse, so it is the user for whom it matters most. */
(isRoot ? describe : describe.skip)('what belongs to another user is refused', () => {
  const other = 65_534;
  const give = (path: string): void => lchownSync(join(root, path), other, other);
  beforeEach(() => {
    mkdirSync(join(root, 'data/deep'), { recursive: true });
    writeFileSync(join(root, 'known.json'), '{}');
  });

  test('a folder, and a link to one', () => {
    symlinkSync(join(root, 'data'), join(root, 'own-link'));
    restrictFolder(join(root, 'own-link'));
    symlinkSync(join(root, 'data'), join(root, 'link'));
    give('link');
    expect(() => restrictFolder(join(root, 'link'))).toThrow(NotOwnerError);
    give('data');
    expect(() => restrictFolder(join(root, 'data'))).toThrow(NotOwnerError);
    expect(() => restrictFolder(join(root, 'own-link'))).toThrow(NotOwnerError);
  });

  test.each([
    ['a file', () => writeFileSync(join(root, 'data/secrets.json'), '{}'), 'secrets.json'],
    ['a folder', () => mkdirSync(join(root, 'data/storage')), 'storage'],
    ['a file far below', () => writeFileSync(join(root, 'data/deep/file'), ''), 'deep/file'],
    ['a link', () => symlinkSync(join(root, 'known.json'), join(root, 'data/secrets.json')), 'secrets.json'],
    ['a link to nothing', () => symlinkSync('nothing', join(root, 'data/jobs.db')), 'jobs.db'],
  ])('%s in a folder', (_what, make, path) => {
    make();
    restrictContents(join(root, 'data'));
    give(join('data', path));
    expect(() => restrictContents(join(root, 'data'))).toThrow(
      new NotOwnerError(
        `${join(root, 'data', path)} belongs to another user. Make it yours with chown, remove it, or choose another folder with --data.`,
      ),
    );
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { people, type PersonAccount } from '../../../local/github-emulator/accounts.ts';
import { commitChange, type PathChange } from '../../../local/github-emulator/git/repository.ts';
import {
  cutHunk,
  diffCommits,
  listFiles,
  parsePatch,
  readText,
} from '../../../local/github-emulator/git/diff.ts';
import { mergeCommits, mergeTexts } from '../../../local/github-emulator/git/merge.ts';
import { findMergeBase, listHistory, selectTouching } from '../../../local/github-emulator/git/history.ts';
import { readCommit, type Commit } from '../../../local/github-emulator/git/commit.ts';
import { listEntries, writeEntry } from '../../../local/github-emulator/git/tree.ts';
import { openEmulatorStore, type EmulatorStore } from '../../../local/github-emulator/store/store.ts';
import { createTemporaryFolder } from '../../fixtures/github-emulator.ts';

describe('git', () => {
  const { folder, remove } = createTemporaryFolder();
  let store: EmulatorStore;
  beforeAll(() => {
    store = openEmulatorStore(folder);
  });
  afterAll(() => {
    store.close();
    remove();
  });

  const change = (parent: Commit | undefined, path: string, text: string | null): Commit => {
    const content: PathChange['content'] = text === null ? null : Buffer.from(text);
    const by = { author: people[0] as PersonAccount, message: `Change ${path}\n\nWith two paragraphs.` };
    return commitChange(store.objects, parent, { path, content }, by);
  };

  test('names are those that git itself gives', () => {
    const { objects } = store;
    const files = [
      ['a.txt', '100644', 'x'],
      ['a/b/c.txt', '100644', 'hello\n'],
      ['a0', '100644', 'y'],
      ['link', '120000', 'a.txt'],
    ] as const;
    const tree = files.reduce<string | null>(
      (before, [path, mode, text]) =>
        writeEntry(objects, before, path, { mode, sha: objects.put('blob', Buffer.from(text)) }),
      null,
    );
    // By `git write-tree` and `git ls-files -s`.
    expect(tree).toBe('e0eac72b708f299992544dee0bdeadb6512f666b');
    expect(
      listEntries(objects, tree as string, true)
        .filter(({ mode }) => mode !== '040000')
        .map(({ path, sha }) => `${sha.slice(0, 7)} ${path}`),
    ).toEqual(['c1b0730 a.txt', 'ce01362 a/b/c.txt', 'e25f181 a0', '8d14cbf link']);
    expect(writeEntry(objects, null, 'x', null)).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904');
  });

  test('a commit is read as it was written, and found by the beginning of its name', () => {
    const first = change(undefined, 'one.txt', '1\n');
    const second = change(first, 'two.txt', '2\n');
    expect(readCommit(store.objects, second.sha)).toEqual(second);
    expect(second.parents).toEqual([first.sha]);
    expect(store.objects.find(second.sha.slice(0, 12))).toBe(second.sha);
    expect(store.objects.find('')).toBeUndefined();
  });

  test('histories show changes, paths, and their common commit', () => {
    const { objects } = store;
    const begin = change(undefined, 'a.txt', '1\n2\n3\n');
    const ours = change(change(begin, 'b.txt', 'b'), 'a.txt', '1\ntwo\n2b\n3\n');
    const theirs = change(begin, 'c.txt', 'c');
    expect(findMergeBase(objects, theirs.sha, ours.sha)).toBe(begin.sha);
    expect(selectTouching(objects, listHistory(objects, ours.sha), 'a.txt').map(({ sha }) => sha)).toEqual([
      ours.sha,
      begin.sha,
    ]);
    expect(diffCommits(objects, begin.sha, ours.sha)).toMatchObject([
      {
        path: 'a.txt',
        status: 'modified',
        additions: 2,
        deletions: 1,
        patch: '@@ -1,3 +1,4 @@\n 1\n-2\n+two\n+2b\n 3',
      },
      { path: 'b.txt', status: 'added', additions: 1, deletions: 0 },
    ]);
    const gone = change(ours, 'a.txt', null);
    expect(diffCommits(objects, ours.sha, gone.sha)).toMatchObject([{ path: 'a.txt', status: 'removed' }]);
    const bytes = change(gone, 'bytes', '\0');
    expect(diffCommits(objects, gone.sha, bytes.sha)).toMatchObject([{ additions: 0, patch: undefined }]);
  });

  test('a patch lists each change with its context, and can be cut at a line', () => {
    const { objects } = store;
    const text = (...lines: string[]) =>
      Array.from({ length: 20 }, (_, n) => lines[n] ?? `${n + 1}\n`).join('');
    const before = change(undefined, 'a', text());
    const after = change(before, 'a', `${text('one\n').trimEnd()} at the end`);
    const [{ patch = '' } = {}] = diffCommits(objects, before.sha, after.sha);
    expect(patch.match(/^@@.*@@$/gm)).toEqual(['@@ -1,4 +1,4 @@', '@@ -17,4 +17,4 @@']);
    expect(parsePatch(patch)[1]?.lines.at(-1)).toEqual({
      sign: '+',
      old: null,
      new: 20,
      text: '20 at the end',
    });
    expect(cutHunk(patch, 2)).toBe('@@ -1,4 +1,4 @@\n-1\n+one\n 2');
    expect(cutHunk(patch, 10)).toBeUndefined();
    const big = (mark: string) => Array.from({ length: 9_000 }, (_, n) => `${mark} ${n}\n`).join('');
    const long = change(change(undefined, 'a', big('a')), 'a', big('b'));
    expect(diffCommits(objects, long.parents[0], long.sha)).toMatchObject([
      { additions: 9_000, deletions: 9_000, patch: undefined },
    ]);
  });

  test.each([
    [
      'changes in different places',
      '1\n2\n3\n4\n5\n',
      'one\n2\n3\n4\n5\n',
      '1\n2\n3\n4\nfive\n',
      'one\n2\n3\n4\nfive\n',
    ],
    ['the same change', '1\n2\n', '1\ntwo\n', '1\ntwo\n', '1\ntwo\n'],
    ['lines added at both ends', '1\n2\n', '0\n1\n2\n', '1\n2\n3\n', '0\n1\n2\n3\n'],
    ['one side that removes, one that adds', '1\n2\n3\n4\n', '3\n4\n', '1\n2\n3\n4\n5\n', '3\n4\n5\n'],
    ['a last line without a break', '1\n2\n3\n4', '1\n2\n3\nfour', 'one\n2\n3\n4', 'one\n2\n3\nfour'],
    ['different changes of a line', '1\n2\n3\n', '1\na\n3\n', '1\nb\n3\n', undefined],
    ['changes of neighboring lines', '1\n2\n3\n', 'one\n2\n3\n', '1\ntwo\n3\n', undefined],
    ['different lines at the same place', '1\n', '1\na\n', '1\nb\n', undefined],
    ['a removed line that the other changes', '1\n2\n3\n', '1\n3\n', '1\ntwo\n3\n', undefined],
  ])('texts are merged: %s', (_what, base, one, other, merged) => {
    expect(mergeTexts(base, one, other)).toBe(merged);
    expect(mergeTexts(base, other, one)).toBe(merged);
  });

  test('commits are merged file by file, and conflicts are named', () => {
    const { objects } = store;
    const merge = (base: Commit, ours: Commit, theirs: Commit) =>
      mergeCommits(objects, { base: base.sha, ours: ours.sha, theirs: theirs.sha });
    const base = change(change(change(undefined, 'a', '1\n'), 'b', '1\n'), 'c', '1\n');
    const ours = change(change(base, 'ours/x', 'x'), 'a', null);
    const theirs = change(change(base, 'b', '2\n'), 'theirs', 'x');
    const merged = merge(base, ours, theirs);
    const tree = 'tree' in merged ? merged.tree : '';
    expect([...listFiles(objects, tree).keys()]).toEqual(['b', 'c', 'ours/x', 'theirs']);
    expect(readText(objects, listFiles(objects, tree).get('b'))).toBe('2\n');
    expect(merge(base, ours, change(base, 'a', '2\n'))).toEqual({ conflicts: ['a'] });
    expect(merge(base, change(base, 'd', 'x'), change(base, 'd/e', 'x'))).toEqual({ conflicts: ['d/e'] });
    expect(merge(base, change(base, 'b', '\0a'), change(base, 'b', '\0b'))).toEqual({ conflicts: ['b'] });
  });
});

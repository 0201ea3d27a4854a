import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { people, type PersonAccount } from '../../../local/github-emulator/accounts.ts';
import { commitChange, type PathChange } from '../../../local/github-emulator/git/repository.ts';
import {
  diffCommits,
  findMergeBase,
  listHistory,
  selectTouching,
} from '../../../local/github-emulator/git/history.ts';
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
        patch: '@@ -2,1 +2,2 @@\n-2\n+two\n+2b',
      },
      { path: 'b.txt', status: 'added', additions: 1, deletions: 0 },
    ]);
    const gone = change(ours, 'a.txt', null);
    expect(diffCommits(objects, ours.sha, gone.sha)).toMatchObject([{ path: 'a.txt', status: 'removed' }]);
    const bytes = change(gone, 'bytes', '\0');
    expect(diffCommits(objects, gone.sha, bytes.sha)).toMatchObject([{ additions: 0, patch: undefined }]);
  });
});

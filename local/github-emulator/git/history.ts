import type { ObjectRows } from '../store/objects.ts';
import { readCommit, type Commit } from './commit.ts';
import { findEntry, listEntries, type TreeEntry } from './tree.ts';

/** Returns a commit and its ancestors, newest first, each once. */
export const listHistory = (objects: ObjectRows, head: string): Commit[] => {
  const seen = new Set<string>();
  const found: Commit[] = [];
  for (let next = [head]; next.length > 0;) {
    const commits = next
      .filter((sha) => !seen.has(sha) && seen.add(sha))
      .map((sha) => readCommit(objects, sha) as Commit);
    found.push(...commits);
    next = commits.flatMap(({ parents }) => parents);
  }
  return found;
};

/** Returns the commits that changed the entry at a path. */
export const selectTouching = (objects: ObjectRows, commits: readonly Commit[], path: string): Commit[] => {
  const at = (tree: string | undefined): string => {
    const entry = tree === undefined ? undefined : findEntry(objects, tree, path);
    return entry ? `${entry.mode} ${entry.sha}` : '';
  };
  return commits.filter(({ tree, parents: [first] }) => at(tree) !== at(readTreeSha(objects, first)));
};

const readTreeSha = (objects: ObjectRows, commit: string | undefined): string | undefined =>
  commit === undefined ? undefined : readCommit(objects, commit)?.tree;

/** Returns the newest commit that both histories contain. */
export const findMergeBase = (objects: ObjectRows, one: string, other: string): string | undefined => {
  const known = new Set(listHistory(objects, one).map(({ sha }) => sha));
  return listHistory(objects, other).find(({ sha }) => known.has(sha))?.sha;
};

/** The change of one file between two commits. A moved file counts as removed and added. */
export type FileChange = {
  path: string;
  status: 'added' | 'removed' | 'modified';
  /** The sha of the blob; for a removed file, its last one. */
  sha: string;
  additions: number;
  deletions: number;
  /** One hunk in unified format; undefined for binary files. */
  patch: string | undefined;
};

/** Returns the files that differ between two commits. Undefined means a commit without files. */
export const diffCommits = (objects: ObjectRows, from: string | undefined, to: string): FileChange[] => {
  const before = listFiles(objects, readTreeSha(objects, from));
  const after = listFiles(objects, readTreeSha(objects, to));
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path) => {
    const [was, is] = [before.get(path), after.get(path)];
    if (was?.sha === is?.sha && was?.mode === is?.mode) return [];
    const status = !was ? 'added' : is ? 'modified' : 'removed';
    const sha = (is ?? was)?.sha as string;
    return [{ path, status, sha, ...diffLines(readLines(objects, was), readLines(objects, is)) }];
  });
};

const listFiles = (objects: ObjectRows, tree: string | undefined): Map<string, TreeEntry> => {
  const entries = tree === undefined ? [] : listEntries(objects, tree, true);
  return new Map(entries.filter(({ mode }) => mode !== '040000').map((entry) => [entry.path, entry]));
};

/** Returns the lines of a file; null for a binary file. */
const readLines = (objects: ObjectRows, entry: TreeEntry | undefined): string[] | null => {
  const content = entry && objects.get(entry.sha)?.content;
  if (!content || content.length === 0) return [];
  return content.includes(0) ? null : content.toString('utf8').replace(/\n$/, '').split('\n');
};

/** Compares the lines between the common prefix and the common suffix. */
const diffLines = (was: string[] | null, is: string[] | null) => {
  if (!was || !is) return { additions: 0, deletions: 0, patch: undefined };
  const least = Math.min(was.length, is.length);
  let begin = 0;
  while (begin < least && was[begin] === is[begin]) begin += 1;
  let end = 0;
  while (end < least - begin && was.at(-1 - end) === is.at(-1 - end)) end += 1;
  const removed = was.slice(begin, was.length - end);
  const added = is.slice(begin, is.length - end);
  const formatRange = (lines: string[]) => `${lines.length === 0 ? begin : begin + 1},${lines.length}`;
  const patch = [
    `@@ -${formatRange(removed)} +${formatRange(added)} @@`,
    ...removed.map((line) => `-${line}`),
    ...added.map((line) => `+${line}`),
  ].join('\n');
  return { additions: added.length, deletions: removed.length, patch };
};

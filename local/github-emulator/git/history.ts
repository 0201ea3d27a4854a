import type { ObjectRows } from '../store/objects.ts';
import { readCommit, type Commit } from './commit.ts';
import { findEntry } from './tree.ts';

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

/** Returns the tree of a commit. */
export const readTreeSha = (objects: ObjectRows, commit: string | undefined): string | undefined =>
  commit === undefined ? undefined : readCommit(objects, commit)?.tree;

/** Returns the newest commit that both histories contain. */
export const findMergeBase = (objects: ObjectRows, one: string, other: string): string | undefined => {
  const known = new Set(listHistory(objects, one).map(({ sha }) => sha));
  return listHistory(objects, other).find(({ sha }) => known.has(sha))?.sha;
};

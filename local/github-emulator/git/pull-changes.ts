import { toBranchRef } from './repository.ts';
import { diffCommits, type FileChange } from './diff.ts';
import { findMergeBase, listHistory } from './history.ts';
import { readCommit } from './commit.ts';
import { mergeCommits, type MergeResult } from './merge.ts';
import type { PullRow } from '../store/pulls.ts';
import type { EmulatorStore } from '../store/store.ts';

type GitRows = Pick<EmulatorStore, 'objects' | 'refs'>;

/** Returns the commit of the base branch; of a merged pull request, the one into which it was merged. */
const getBase = ({ objects, refs }: GitRows, { base, baseSha, mergeSha }: PullRow): string =>
  (mergeSha === null ? undefined : readCommit(objects, mergeSha)?.parents[0]) ??
  refs.get(toBranchRef(base)) ??
  baseSha;

const findBase = (rows: GitRows, pull: PullRow): string | undefined =>
  findMergeBase(rows.objects, getBase(rows, pull), pull.headSha);

/** Returns the files that a pull request changes. */
export const listPullFiles = (rows: GitRows, pull: PullRow): FileChange[] =>
  diffCommits(rows.objects, findBase(rows, pull), pull.headSha);

/** Returns the number of commits that a pull request adds. */
export const countPullCommits = (rows: GitRows, pull: PullRow): number => {
  const known = new Set(listHistory(rows.objects, getBase(rows, pull)).map(({ sha }) => sha));
  return listHistory(rows.objects, pull.headSha).filter(({ sha }) => !known.has(sha)).length;
};

/** Merges the head of a pull request into its base, without storing a commit. */
export const mergePull = (rows: GitRows, pull: PullRow): MergeResult =>
  mergeCommits(rows.objects, { base: findBase(rows, pull), ours: getBase(rows, pull), theirs: pull.headSha });

import type { GitHubAccount } from '../accounts.ts';
import type { ObjectRows } from '../store/objects.ts';
import type { RefRows } from '../store/refs.ts';
import { readCommit, writeCommit, type Commit } from './commit.ts';
import { writeEntry, type FileMode } from './tree.ts';

/** The branch that policy and configuration are read from. */
export const defaultBranch = 'main';

/** The full name of a branch. */
export const toBranchRef = (branch: string): string => `refs/heads/${branch}`;

/**
 * The commit that somebody means by a branch, `heads/branch`, a full name of a ref, `HEAD` (the default branch's), or a commit's
 * name of 40 digits (or of its first ones, at least 7).
 */
export const resolveCommit = (
  { objects, refs }: { objects: ObjectRows; refs: RefRows },
  name: string,
): Commit | undefined => {
  if (name === 'HEAD') return resolveCommit({ objects, refs }, defaultBranch);
  const named = [toBranchRef(name), `refs/${name}`, name].map((ref) => refs.get(ref)).find(Boolean);
  const sha = named ?? (/^[0-9a-f]{7,40}$/.test(name) ? objects.find(name) : undefined);
  return sha === undefined ? undefined : readCommit(objects, sha);
};

/** What is written to one path: text or bytes as a file, an entry of another kind, or nothing, which deletes. */
export type PathChange = {
  path: string;
  content: Uint8Array | { mode: FileMode; sha: string } | null;
};

/** The commit that adds one change to another commit, or to none. It belongs to no branch yet. */
export const commitChange = (
  objects: ObjectRows,
  parent: Commit | undefined,
  { path, content }: PathChange,
  { author, message }: { author: GitHubAccount; message: string },
): Commit => {
  const entry =
    content instanceof Uint8Array
      ? ({ mode: '100644', sha: objects.put('blob', content) } as const)
      : content;
  const tree = writeEntry(objects, parent?.tree ?? null, path, entry);
  return writeCommit(objects, { tree, parents: parent ? [parent.sha] : [], author, message });
};

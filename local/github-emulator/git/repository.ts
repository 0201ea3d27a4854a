import type { GitHubAccount } from '../accounts.ts';
import type { ObjectRows } from '../store/objects.ts';
import type { RefRows } from '../store/refs.ts';
import { readCommit, writeCommit, type Commit } from './commit.ts';
import { writeEntry, type FileMode } from './tree.ts';

/** The branch from which policy and configuration are read. */
export const defaultBranch = 'main';

/** Returns the full name of a branch. */
export const toBranchRef = (branch: string): string => `refs/heads/${branch}`;

/**
 * Returns the commit of a branch, `heads/branch`, a full ref name, `HEAD` (the default branch), or a commit name of 40 digits (or its
 * first 7 or more).
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

/** A write to one path: bytes as a file, an entry of another kind, or null, which deletes it. */
export type PathChange = {
  path: string;
  content: Uint8Array | { mode: FileMode; sha: string } | null;
};

/** Creates a commit that adds one change to its parent, if any. The commit is not yet on a branch. */
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

import { diffArrays } from 'diff';

import type { ObjectRows } from '../store/objects.ts';
import { readTreeSha } from './history.ts';
import { listFiles, readText } from './diff.ts';
import { writeEntry, type TreeEntry } from './tree.ts';

/** A merged tree, or the paths of the files that both sides changed in the same place. */
export type MergeResult = { tree: string } | { conflicts: string[] };

/** Merges the changes of two commits since their merge base, file by file, and line by line where both changed a file. */
export const mergeCommits = (
  objects: ObjectRows,
  { base, ours, theirs }: { base: string | undefined; ours: string; theirs: string },
): MergeResult => {
  const [was, our, their] = [base, ours, theirs].map((commit) =>
    listFiles(objects, readTreeSha(objects, commit)),
  );
  const conflicts: string[] = [];
  let tree = readTreeSha(objects, ours) as string;
  const result = new Map(our);
  for (const path of [...new Set([...(was?.keys() ?? []), ...(their?.keys() ?? [])])].sort()) {
    const merged = mergeEntry(objects, was?.get(path), our?.get(path), their?.get(path));
    if (merged === 'conflict') conflicts.push(path);
    else if (merged) result.set(path, merged);
    else result.delete(path);
  }
  // A file cannot also be a folder.
  conflicts.push(
    ...[...result.keys()].filter((path) => listFolders(path).some((folder) => result.has(folder))),
  );
  if (conflicts.length > 0) return { conflicts };
  for (const path of our?.keys() ?? []) if (!result.has(path)) tree = writeEntry(objects, tree, path, null);
  for (const [path, entry] of result) {
    const before = our?.get(path);
    if (before?.sha !== entry.sha || before.mode !== entry.mode)
      tree = writeEntry(objects, tree, path, entry);
  }
  return { tree };
};

/** Returns the folders above a path. */
const listFolders = (path: string): string[] =>
  path
    .split('/')
    .map((_, index, parts) => parts.slice(0, index).join('/'))
    .slice(1);

const isSame = (a: TreeEntry | undefined, b: TreeEntry | undefined): boolean =>
  a?.sha === b?.sha && a?.mode === b?.mode;

const mergeEntry = (
  objects: ObjectRows,
  was: TreeEntry | undefined,
  our: TreeEntry | undefined,
  their: TreeEntry | undefined,
): TreeEntry | undefined | 'conflict' => {
  if (isSame(our, their) || isSame(was, their)) return our;
  if (isSame(was, our)) return their;
  if (!was || !our || !their || our.mode !== their.mode) return 'conflict';
  const texts = [was, our, their].map((entry) => readText(objects, entry));
  const [base, one, other] = texts;
  if (typeof base !== 'string' || typeof one !== 'string' || typeof other !== 'string') return 'conflict';
  const merged = mergeTexts(base, one, other);
  return merged === undefined ? 'conflict' : { ...our, sha: objects.put('blob', Buffer.from(merged)) };
};

/** The replacement of so many lines from a line on, from 0. */
type Edit = { start: number; removed: number; added: string[] };

/** Merges two changes of a text; undefined if they touch the same or neighboring lines. */
export const mergeTexts = (base: string, one: string, other: string): string | undefined => {
  const lines = splitLines(base);
  const [ours, theirs] = [one, other].map((text) => listEdits(lines, splitLines(text)));
  if (!ours || !theirs) return undefined;
  const isEqual = (a: Edit, b: Edit): boolean => JSON.stringify(a) === JSON.stringify(b);
  const touches = (a: Edit, b: Edit): boolean =>
    a.start <= b.start + b.removed && b.start <= a.start + a.removed;
  const fresh = theirs.filter((edit) => !ours.some((our) => isEqual(our, edit)));
  if (fresh.some((edit) => ours.some((our) => touches(our, edit)))) return undefined;
  const edits = [...ours, ...fresh].toSorted((a, b) => b.start - a.start);
  for (const { start, removed, added } of edits) lines.splice(start, removed, ...added);
  return lines.join('');
};

const splitLines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const maxEdits = 2_000;

/** Returns what changes the lines; undefined if it is too much to compare. */
const listEdits = (from: string[], to: string[]): Edit[] | undefined => {
  const parts = diffArrays(from, to, { maxEditLength: maxEdits });
  if (!parts) return undefined;
  const edits: Edit[] = [];
  let line = 0;
  for (const { added, removed, value } of parts) {
    const last = edits.at(-1);
    // A replacement is one part that removes and one that adds.
    const edit = last && last.start + last.removed === line ? last : { start: line, removed: 0, added: [] };
    if ((added || removed) && edit !== last) edits.push(edit);
    if (added) edit.added.push(...value);
    else if (removed) edit.removed += value.length;
    if (!added) line += value.length;
  }
  return edits;
};

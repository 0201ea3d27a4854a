import { structuredPatch } from 'diff';

import type { ObjectRows } from '../store/objects.ts';
import { readTreeSha } from './history.ts';
import { listEntries, type TreeEntry } from './tree.ts';

/** The change of one file between two commits. A moved file counts as removed and added. */
export type FileChange = {
  path: string;
  status: 'added' | 'removed' | 'modified';
  /** The sha of the blob; for a removed file, its last one. */
  sha: string;
  additions: number;
  deletions: number;
  /** The hunks in unified format; undefined for a binary file, or one with too many changes. */
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
    return [{ path, status, sha, ...diffTexts(readText(objects, was), readText(objects, is)) }];
  });
};

/** Returns the files of a tree and of its folders, by path. */
export const listFiles = (objects: ObjectRows, tree: string | undefined): Map<string, TreeEntry> => {
  const entries = tree === undefined ? [] : listEntries(objects, tree, true);
  return new Map(entries.filter(({ mode }) => mode !== '040000').map((entry) => [entry.path, entry]));
};

/** Returns the text of a file, empty without one; null for a binary file. */
export const readText = (objects: ObjectRows, entry: TreeEntry | undefined): string | null => {
  const content = entry && objects.get(entry.sha)?.content;
  if (!content) return '';
  return content.includes(0) ? null : content.toString('utf8');
};

/** Beyond these, texts are not compared line by line, which would take too long. */
const maxEdits = 2_000;
const maxCharacters = 2_000_000;

const diffTexts = (
  was: string | null,
  is: string | null,
): Pick<FileChange, 'additions' | 'deletions' | 'patch'> => {
  if (was === null || is === null) return { additions: 0, deletions: 0, patch: undefined };
  const hunks =
    was.length + is.length > maxCharacters
      ? undefined
      : structuredPatch('', '', was, is, undefined, undefined, { context: 3, maxEditLength: maxEdits })
          ?.hunks;
  if (!hunks) return { additions: countLines(is), deletions: countLines(was), patch: undefined };
  const lines = hunks.flatMap((hunk) => hunk.lines);
  return {
    additions: lines.filter((line) => line.startsWith('+')).length,
    deletions: lines.filter((line) => line.startsWith('-')).length,
    patch: hunks.map(formatHunk).join('\n'),
  };
};

const countLines = (text: string): number => text.replace(/\n$/, '').split('\n').length;

type Hunk = { oldStart: number; oldLines: number; newStart: number; newLines: number; lines: string[] };

const formatHunk = ({ oldStart, oldLines, newStart, newLines, lines }: Hunk): string =>
  [`@@ -${formatRange(oldStart, oldLines)} +${formatRange(newStart, newLines)} @@`, ...lines].join('\n');

/** Formats a range as git does: without a length of 1, and with the line before an empty range. */
const formatRange = (start: number, length: number): string => {
  if (length === 1) return String(start);
  return length === 0 ? `${start - 1},0` : `${start},${length}`;
};

/** A line of a patch. `old` and `new` are its numbers in the two files; null where it is missing. */
export type PatchLine = { sign: ' ' | '+' | '-'; old: number | null; new: number | null; text: string };
export type PatchHunk = { header: string; lines: PatchLine[] };

/** Parses the hunks of a patch. Notes that a last line has no line break are left out. */
export const parsePatch = (patch: string): PatchHunk[] => {
  const hunks: PatchHunk[] = [];
  let [old, now] = [0, 0];
  for (const line of patch.split('\n')) {
    const [, oldStart, newStart] = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line) ?? [];
    const text = line.slice(1);
    if (oldStart !== undefined) {
      [old, now] = [Number(oldStart), Number(newStart)];
      hunks.push({ header: line, lines: [] });
    } else if (line.startsWith('+')) hunks.at(-1)?.lines.push({ sign: '+', old: null, new: now++, text });
    else if (line.startsWith('-')) hunks.at(-1)?.lines.push({ sign: '-', old: old++, new: null, text });
    else if (line.startsWith(' ')) hunks.at(-1)?.lines.push({ sign: ' ', old: old++, new: now++, text });
  }
  return hunks;
};

/** Returns the hunk with a line of the new file, up to that line, as GitHub shows it above a comment; undefined if there is none. */
export const cutHunk = (patch: string, line: number): string | undefined => {
  const hunk = parsePatch(patch).find(({ lines }) => lines.some((one) => one.new === line));
  if (!hunk) return undefined;
  const end = hunk.lines.findIndex((one) => one.new === line);
  return [hunk.header, ...hunk.lines.slice(0, end + 1).map(({ sign, text }) => sign + text)].join('\n');
};

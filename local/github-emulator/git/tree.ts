import type { ObjectRows } from '../store/objects.ts';

/** The mode of a tree entry in git: file, executable, folder, symbolic link, submodule. */
export type FileMode = '100644' | '100755' | '040000' | '120000' | '160000';
export type TreeEntry = { mode: FileMode; name: string; sha: string };
/** An entry with its path from the root of the tree. */
export type PathEntry = TreeEntry & { path: string };

const folder = '040000';
const shaBytes = 20;
/** The entries of an empty tree. */
const noEntries: readonly TreeEntry[] = [];

/** Encodes a tree in git's format: sorted by name, where the name of a folder counts with a trailing slash. */
const encodeTree = (entries: readonly TreeEntry[]): Buffer => {
  const key = ({ mode, name }: TreeEntry) => Buffer.from(mode === folder ? `${name}/` : name);
  const sorted = entries.toSorted((a, b) => Buffer.compare(key(a), key(b)));
  return Buffer.concat(
    sorted.flatMap(({ mode, name, sha }) => [
      Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`),
      Buffer.from(sha, 'hex'),
    ]),
  );
};

const decodeTree = (bytes: Buffer): TreeEntry[] => {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(' ', at);
    const end = bytes.indexOf(0, space);
    const mode = bytes.toString('latin1', at, space).padStart(6, '0') as FileMode;
    const name = bytes.toString('utf8', space + 1, end);
    at = end + 1 + shaBytes;
    entries.push({ mode, name, sha: bytes.toString('hex', end + 1, at) });
  }
  return entries;
};

/** Returns the entries of a tree; undefined if it does not exist. */
export const readEntries = (objects: ObjectRows, tree: string): TreeEntry[] | undefined => {
  const found = objects.get(tree);
  return found?.kind === 'tree' ? decodeTree(found.content) : undefined;
};

/** Returns the entry at a path. The empty path is the root, a folder. */
export const findEntry = (objects: ObjectRows, tree: string, path: string): TreeEntry | undefined => {
  let found: TreeEntry = { mode: folder, name: '', sha: tree };
  for (const name of splitPath(path)) {
    const next = found.mode === folder ? readEntries(objects, found.sha) : undefined;
    const entry = next?.find((candidate) => candidate.name === name);
    if (!entry) return undefined;
    found = entry;
  }
  return found;
};

/** Writes a tree with one entry set at a path, or removed if null, and returns its name. Creates folders and removes empty ones. */
export const writeEntry = (
  objects: ObjectRows,
  tree: string | null,
  path: string,
  entry: Pick<TreeEntry, 'mode' | 'sha'> | null,
): string => {
  const notifyPages = rewriteTree(objects, tree, splitPath(path), entry);
  return notifyPages ?? objects.put('tree', encodeTree(noEntries));
};

/** Returns null if the tree becomes empty. */
const rewriteTree = (
  objects: ObjectRows,
  tree: string | null,
  [name, ...rest]: readonly string[],
  entry: Pick<TreeEntry, 'mode' | 'sha'> | null,
): string | null => {
  const entries = (tree === null ? undefined : readEntries(objects, tree)) ?? [];
  const before = entries.find((candidate) => candidate.name === name);
  const below = before?.mode === folder ? before.sha : null;
  const sha = rest.length > 0 ? rewriteTree(objects, below, rest, entry) : (entry?.sha ?? null);
  const mode = rest.length > 0 ? folder : (entry?.mode ?? folder);
  const others = entries.filter((candidate) => candidate !== before);
  const after = sha === null ? others : [...others, { mode, name: name as string, sha }];
  return after.length === 0 ? null : objects.put('tree', encodeTree(after));
};

/** Returns the entries of a tree, with `deep` also those of its folders. A folder precedes its entries. */
export const listEntries = (objects: ObjectRows, tree: string, deep: boolean, above = ''): PathEntry[] =>
  (readEntries(objects, tree) ?? []).flatMap((entry) => {
    const placed = { ...entry, path: above + entry.name };
    const inside =
      deep && entry.mode === folder ? listEntries(objects, entry.sha, deep, `${placed.path}/`) : [];
    return [placed, ...inside];
  });

const splitPath = (path: string): string[] => path.split('/').filter((name) => name !== '');

/** Returns whether git accepts a file path: relative, without `.`, `..`, `.git` or empty parts. */
export const isPath = (path: string): boolean =>
  path !== '' && !path.includes('\0') && path.split('/').every((name) => !/^(\.{0,2}|\.git)$/i.test(name));

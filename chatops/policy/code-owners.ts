/*
 * CODEOWNERS, as GitHub reads it: https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners.
 * Anyone who can push to the repository can write this file, so it is read in linear time, whatever its patterns are: none of them
 * becomes a regular expression.
 */

/** A line of the file. `owners`: empty if the line removes the owners of earlier lines. */
type OwnersRule = { pattern: string; owners: readonly string[] };

/**
 * Returns whether a CODEOWNERS file has an owner for a path. The last line with a matching pattern decides; if it has no owners, the
 * path has none. Lines that GitHub skips as invalid do not count.
 */
export const hasCodeOwner = (file: string, path: string): boolean => {
  const names = path.split('/');
  const rule = file
    .split('\n')
    .map(parseRule)
    .findLast((read) => read !== undefined && matchesPath(read.pattern, names));
  return rule !== undefined && rule.owners.length > 0;
};

/** `@user`, `@organization/team` or an email address. */
const owner = /^(?:@[\w-]+(?:\/[\w.-]+)?|[^\s@]+@[^\s@]+)$/;

const parseRule = (line: string): OwnersRule | undefined => {
  // A backslash before a space makes the space part of the pattern.
  const [pattern = '', ...rest] = line.match(/(?:\\.|[^\s\\])+/g) ?? [];
  const comment = rest.findIndex((word) => word.startsWith('#'));
  const owners = comment === -1 ? rest : rest.slice(0, comment);
  return isPattern(pattern) && owners.every((word) => owner.test(word)) ? { pattern, owners } : undefined;
};

/** Unlike in `.gitignore`, comments, negations and character ranges are not patterns in this file. */
const isPattern = (text: string): boolean => text !== '' && !/^[#!]|[[\]]|\*\*\*/.test(text);

/** Returns whether a pattern matches a path or one of its folders. `names`: the path's folders, and its file. */
const matchesPath = (pattern: string, names: readonly string[]): boolean => {
  const segments = toSegments(pattern);
  let matched = new Set([0]);
  for (const [index, segment] of segments.entries())
    matched = advance(matched, segment, names, index === segments.length - 1);
  // A trailing `*` matches only direct children of a folder; other patterns also match everything below.
  return segments.at(-1) === '*' ? matched.has(names.length) : matched.size > 0;
};

/** Returns the segments of a pattern from the repository's root, with `**` for any folders and, at the end, for a folder's contents. */
const toSegments = (pattern: string): string[] => {
  const parts = pattern.split('/');
  const isRooted = parts.length > 2 || (parts.length === 2 && parts[1] !== '');
  const segments = parts[0] === '' ? parts.slice(1) : isRooted ? parts : ['**', ...parts];
  return segments.length > 1 && segments.at(-1) === '' ? [...segments.slice(0, -1), '**'] : segments;
};

/** Returns how many names one more segment can match after `matched` names. */
const advance = (
  matched: ReadonlySet<number>,
  segment: string,
  names: readonly string[],
  isLast: boolean,
): Set<number> => {
  const least = Math.min(...matched);
  const counts = [...names.keys(), names.length];
  if (segment === '**') return new Set(counts.filter((count) => count >= least + (isLast ? 1 : 0)));
  return new Set(
    names.flatMap((name, index) => (matched.has(index) && matchesName(segment, name) ? [index + 1] : [])),
  );
};

/** Returns whether a segment matches one name: `*` any characters, `?` one of them, `\` takes the next one literally. */
const matchesName = (segment: string, name: string): boolean => {
  if (segment === '*') return name !== '';
  let ends = [0];
  for (const [token] of segment.matchAll(/\\.|[^]/gu)) {
    const [first = Infinity] = ends;
    ends =
      token === '*'
        ? Array.from({ length: name.length - first + 1 }, (_, more) => first + more)
        : ends.filter((end) => end < name.length && matchesCharacter(token, name[end])).map((end) => end + 1);
    if (ends.length === 0) return false;
  }
  return ends.at(-1) === name.length;
};

const matchesCharacter = (token: string, character: string | undefined): boolean =>
  token === '?' || (token.startsWith('\\') ? token.slice(1) : token) === character;

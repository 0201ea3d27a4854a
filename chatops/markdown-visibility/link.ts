/** Nested parentheses that a link's destination may hold, as in GitHub's own parser: it keeps the time linear. */
const deepest = 32;
const blanks = /[ \t\n]*/y;
const angled = /<(?:\\.|[^\\<>\n])*>/y;
const labelled = /\[((?:\\[\\[\]]|\\(?![\\[\]])|[^\\[\]]){1,999})\]/y;
const closers: Record<string, string> = { '"': '"', "'": "'", '(': ')' };

const matchAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};

/** The first position at or after `at` that is no blank and no line feed. */
export const skipBlanks = (text: string, at: number): number =>
  at + (matchAt(blanks, text, at)?.[0].length ?? 0);

/** The form in which labels are compared; undefined for one of blanks alone. */
export const normalizeLabel = (label: string): string | undefined => {
  const plain = label.replaceAll(/[ \t\n]+/g, ' ').replaceAll(/^ | $/g, '');
  return plain === '' ? undefined : plain.toLowerCase().toUpperCase();
};

/** `[label]` at `at`: where it ends, and its label in normal form. */
export const parseLabel = (text: string, at: number): { end: number; label: string } | undefined => {
  const found = matchAt(labelled, text, at);
  const label = normalizeLabel(found?.[1] ?? '');
  return found && label !== undefined ? { end: at + found[0].length, label } : undefined;
};

/** Where the link destination that starts at `at` ends; undefined if none does. */
const destinationEnd = (text: string, at: number): number | undefined => {
  if (text[at] === '<') {
    const found = matchAt(angled, text, at);
    return found ? at + found[0].length : undefined;
  }
  let depth = 0;
  let end = at;
  for (; end < text.length; end++) {
    const char = text.charAt(end);
    if (char <= ' ' || char === '\u007f') break;
    if (char === '\\' && /[!-/:-@[-`{-~]/.test(text.charAt(end + 1))) end++;
    else if (char === '(' && ++depth > deepest) return undefined;
    else if (char === ')' && --depth < 0) break;
  }
  return end > at && depth <= 0 ? end : undefined;
};

/** Where the link title that starts at `at` ends; undefined if none does. */
const titleEnd = (text: string, at: number): number | undefined => {
  const opener = text.charAt(at);
  const closer = closers[opener];
  if (closer === undefined) return undefined;
  for (let end = at + 1; end < text.length; end++) {
    const char = text[end];
    if (char === closer) return end + 1;
    if (char === opener) return undefined;
    if (char === '\\') end++;
  }
  return undefined;
};

/** Where the `(destination "title")` that starts at `at` ends; undefined if it is none. */
export const findResourceEnd = (text: string, at: number): number | undefined => {
  if (text[at] !== '(') return undefined;
  const start = skipBlanks(text, at + 1);
  if (text[start] === ')') return start + 1;
  const destination = destinationEnd(text, start);
  if (destination === undefined) return undefined;
  const gap = skipBlanks(text, destination);
  const title = gap > destination ? titleEnd(text, gap) : undefined;
  const close = skipBlanks(text, title ?? gap);
  return text[close] === ')' ? close + 1 : undefined;
};

/** Where the line of `at` ends, if only blanks are left of it; undefined otherwise. */
const lineEnd = (text: string, at: number): number | undefined => {
  const end = at + (matchAt(/[ \t]*/y, text, at)?.[0].length ?? 0);
  return end === text.length || text[end] === '\n' ? end : undefined;
};

/** `[label]: destination "title"`, over one or more lines, at the start of a paragraph. */
export const parseDefinition = (text: string, at: number): { end: number; label: string } | undefined => {
  const found = parseLabel(text, at);
  if (!found || text[found.end] !== ':') return undefined;
  const destination = destinationEnd(text, skipBlanks(text, found.end + 1));
  if (destination === undefined) return undefined;
  const gap = skipBlanks(text, destination);
  const title = gap > destination ? titleEnd(text, gap) : undefined;
  const end = (title === undefined ? undefined : lineEnd(text, title)) ?? lineEnd(text, destination);
  return end === undefined ? undefined : { end, label: found.label };
};

/** Whether a paragraph whose first line this is may begin with a definition. */
export const mayBeginWithDefinition = (line: string): boolean =>
  /^\[(?:\\[\\[\]]|\\(?![\\[\]])|[^\\[\]])*(?:\]:|$)/.test(line);

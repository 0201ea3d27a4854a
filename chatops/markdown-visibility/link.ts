/** The maximum depth of parentheses in a link destination, as in GitHub's parser. It keeps the time linear. */
const maxParenthesisDepth = 32;
const blankRun = /[ \t\n]*/y;
const angleDestination = /<(?:\\.|[^\\<>\n])*>/y;
const bracketedLabel = /\[((?:\\[\\[\]]|\\(?![\\[\]])|[^\\[\]]){1,999})\]/y;
const closers: Record<string, string> = { '"': '"', "'": "'", '(': ')' };

const matchAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};

/** Returns the first offset from `at` on that is neither a blank nor a line feed. */
export const skipBlanks = (text: string, at: number): number =>
  at + (matchAt(blankRun, text, at)?.[0].length ?? 0);

/** Returns the form in which labels are compared; undefined for a blank label. */
export const normalizeLabel = (label: string): string | undefined => {
  const plain = label.replaceAll(/[ \t\n]+/g, ' ').replaceAll(/^ | $/g, '');
  return plain === '' ? undefined : plain.toLowerCase().toUpperCase();
};

/** Parses `[label]` at `at`; returns its end and its normalized label. */
export const parseLabel = (text: string, at: number): { end: number; label: string } | undefined => {
  const found = matchAt(bracketedLabel, text, at);
  const label = normalizeLabel(found?.[1] ?? '');
  return found && label !== undefined ? { end: at + found[0].length, label } : undefined;
};

/** Returns the end of the link destination that starts at `at`; undefined if none does. */
const findDestinationEnd = (text: string, at: number): number | undefined => {
  if (text[at] === '<') {
    const found = matchAt(angleDestination, text, at);
    return found ? at + found[0].length : undefined;
  }
  let depth = 0;
  let end = at;
  for (; end < text.length; end++) {
    const char = text.charAt(end);
    if (char <= ' ' || char === '\u007f') break;
    if (char === '\\' && /[!-/:-@[-`{-~]/.test(text.charAt(end + 1))) end++;
    else if (char === '(' && ++depth > maxParenthesisDepth) return undefined;
    else if (char === ')' && --depth < 0) break;
  }
  return end > at && depth <= 0 ? end : undefined;
};

/** Returns the end of the link title that starts at `at`; undefined if none does. */
const findTitleEnd = (text: string, at: number): number | undefined => {
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

/** Returns the end of the `(destination "title")` that starts at `at`; undefined if none does. */
export const findResourceEnd = (text: string, at: number): number | undefined => {
  if (text[at] !== '(') return undefined;
  const start = skipBlanks(text, at + 1);
  if (text[start] === ')') return start + 1;
  const destination = findDestinationEnd(text, start);
  if (destination === undefined) return undefined;
  const gap = skipBlanks(text, destination);
  const title = gap > destination ? findTitleEnd(text, gap) : undefined;
  const close = skipBlanks(text, title ?? gap);
  return text[close] === ')' ? close + 1 : undefined;
};

/** Returns the end of the line if the rest of it, from `at` on, is blank; undefined otherwise. */
const findLineEnd = (text: string, at: number): number | undefined => {
  const end = at + (matchAt(/[ \t]*/y, text, at)?.[0].length ?? 0);
  return end === text.length || text[end] === '\n' ? end : undefined;
};

/** Parses `[label]: destination "title"`, on one or more lines, at the start of a paragraph; returns its end and its label. */
export const parseDefinition = (text: string, at: number): { end: number; label: string } | undefined => {
  const found = parseLabel(text, at);
  if (!found || text[found.end] !== ':') return undefined;
  const destination = findDestinationEnd(text, skipBlanks(text, found.end + 1));
  if (destination === undefined) return undefined;
  const gap = skipBlanks(text, destination);
  const title = gap > destination ? findTitleEnd(text, gap) : undefined;
  const end = (title === undefined ? undefined : findLineEnd(text, title)) ?? findLineEnd(text, destination);
  return end === undefined ? undefined : { end, label: found.label };
};

/** Returns whether a paragraph with this first line may begin with a definition. */
export const mayBeginWithDefinition = (line: string): boolean =>
  /^\[(?:\\[\\[\]]|\\(?![\\[\]])|[^\\[\]])*(?:\]:|$)/.test(line);

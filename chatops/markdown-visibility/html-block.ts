/** Elements that begin an HTML block up to the next empty line (CommonMark 4.6, condition 6). */
const blockElements = [
  'address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt',
  'fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link',
  'main menu menuitem nav noframes ol optgroup option p param search section source summary table tbody td tfoot th',
  'thead title tr track ul',
].join(' ');

const name = '[A-Za-z][A-Za-z0-9-]*';
const value = `[^ \\t\\n"'=<>\`]+|'[^']*'|"[^"]*"`;
const attribute = `[ \\t\\n]+[A-Za-z_:][A-Za-z0-9_.:-]*(?:[ \\t\\n]*=[ \\t\\n]*(?:${value}))?`;

/** One opening or closing tag, as source of a regular expression. */
export const tag = `<${name}(?:${attribute})*[ \\t\\n]*/?>|</${name}[ \\t\\n]*>`;

/** How an HTML block begins, and what its last line holds; `null` for an empty line after it. */
const kinds: readonly { start: RegExp; end: RegExp | null }[] = [
  { start: /^<(?:script|pre|style|textarea)(?:[ \t>]|$)/i, end: /<\/(?:script|pre|style|textarea)>/i },
  { start: /^<!--/, end: /-->/ },
  { start: /^<\?/, end: /\?>/ },
  { start: /^<![A-Za-z]/, end: />/ },
  // Of `]]]>` parsers disagree: it does not end the block here.
  { start: /^<!\[CDATA\[/, end: /(?<!\])(?:\]\])+>/ },
  { start: new RegExp(`^</?(?:${blockElements.replaceAll(' ', '|')})(?:[ \\t]|/?>|$)`, 'i'), end: null },
];
const loneTag = new RegExp(`^(?:${tag})[ \\t]*$`);

/** An HTML block's end: the line that matches is its last; `null`: an empty line is the first after it. */
export type HtmlEnd = RegExp | null;

/** Starts of HTML blocks on which versions of CommonMark differ. */
const disputed = /^<(?:![a-z]|\/?(?:search|source|textarea)(?:[ \t/>]|$))/i;

/**
 * Returns which kind of HTML block a line begins, if any. `loose`: it cannot begin inside a paragraph; `disputed`: parsers
 * disagree.
 */
export const findHtmlStart = (
  rest: string,
): { end: HtmlEnd; loose: boolean; disputed: boolean } | undefined => {
  if (!rest.startsWith('<')) return undefined;
  const kind = kinds.find(({ start }) => start.test(rest));
  if (kind) return { end: kind.end, loose: false, disputed: disputed.test(rest) };
  return loneTag.test(rest) ? { end: null, loose: true, disputed: disputed.test(rest) } : undefined;
};

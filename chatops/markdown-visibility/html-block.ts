/** Elements that begin an HTML block up to the next empty line (CommonMark 4.6, condition 6). */
const blockElements = [
  'address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt',
  'fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link',
  'main menu menuitem nav noframes ol optgroup option p param search section source summary table tbody td tfoot th',
  'thead title tr track ul',
].join(' ');

const tagName = '[A-Za-z][A-Za-z0-9-]*';
const attributeValue = `[^ \\t\\n"'=<>\`]+|'[^']*'|"[^"]*"`;
const attribute = `[ \\t\\n]+[A-Za-z_:][A-Za-z0-9_.:-]*(?:[ \\t\\n]*=[ \\t\\n]*(?:${attributeValue}))?`;

/** One opening or closing tag, as source of a regular expression. */
export const tag = `<${tagName}(?:${attribute})*[ \\t\\n]*/?>|</${tagName}[ \\t\\n]*>`;

/** How an HTML block begins, and what its last line contains; `null` if an empty line ends it. */
const kinds: readonly { start: RegExp; end: RegExp | null }[] = [
  { start: /^<(?:script|pre|style|textarea)(?:[ \t>]|$)/i, end: /<\/(?:script|pre|style|textarea)>/i },
  { start: /^<!--/, end: /-->/ },
  { start: /^<\?/, end: /\?>/ },
  { start: /^<![A-Za-z]/, end: />/ },
  // Parsers disagree about `]]]>`. Here, it does not end the block.
  { start: /^<!\[CDATA\[/, end: /(?<!\])(?:\]\])+>/ },
  { start: new RegExp(`^</?(?:${blockElements.replaceAll(' ', '|')})(?:[ \\t]|/?>|$)`, 'i'), end: null },
];
const loneTag = new RegExp(`^(?:${tag})[ \\t]*$`);

/** The end of an HTML block: a pattern that its last line matches; `null`: the first empty line ends it. */
export type HtmlEnd = RegExp | null;

/** Starts of HTML blocks on which versions of CommonMark differ. */
const disputed = /^<(?:![a-z]|\/?(?:search|source|textarea)(?:[ \t/>]|$))/i;

/**
 * Returns the HTML block that a line begins, if any. `loose`: it cannot interrupt a paragraph; `disputed`: parsers disagree.
 */
export const findHtmlStart = (
  rest: string,
): { end: HtmlEnd; loose: boolean; disputed: boolean } | undefined => {
  if (!rest.startsWith('<')) return undefined;
  const kind = kinds.find(({ start }) => start.test(rest));
  if (kind) return { end: kind.end, loose: false, disputed: disputed.test(rest) };
  return loneTag.test(rest) ? { end: null, loose: true, disputed: disputed.test(rest) } : undefined;
};

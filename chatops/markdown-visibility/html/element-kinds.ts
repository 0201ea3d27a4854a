/*
 * Elements, grouped by how browsers' HTML parser handles their end tags (WHATWG HTML 13.2.6).
 */

const toSet = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Void elements, which have no content. */
export const isVoid = (name: string): boolean => voidElements.has(name);
const voidElements = toSet(
  'area base basefont bgsound br col embed hr image img input keygen link meta param source track wbr',
);

/** Elements whose content some readers treat as text and others as HTML; GitHub treats their tags as text. */
export const hasTextContent = (name: string): boolean => textElements.has(name);
const textElements = toSet('iframe noembed noframes noscript script style textarea title xmp');

/** Tags that change how everything after them is parsed, or that are dropped. */
export const stopsParsing = (name: string): boolean => stopping.has(name);
const stopping = toSet('body frame frameset head html plaintext');

/** Elements that continue in the next paragraph. */
export const isFormatting = (name: string): boolean => formattingElements.has(name);
const formattingElements = toSet('a b big code em font i nobr s small strike strong tt u');

/** Elements that an end tag inside other blocks can also close. */
export const isBlock = (name: string): boolean => blockElements.has(name);
const blockElements = toSet(
  [
    'address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer h1 h2 h3 h4',
    'h5 h6 header hgroup listing main menu nav ol p pre search section summary ul',
  ].join(' '),
);

/** Elements in which an end tag cannot close an outer element, and in which HTML is parsed differently. */
export const isBarrier = (name: string): boolean => barrierElements.has(name);
const barrierElements = toSet(
  [
    'annotation-xml applet button caption colgroup desc foreignobject marquee math mi mn mo ms mtext object select svg',
    'table tbody td template tfoot th thead tr',
  ].join(' '),
);

/** Other elements that are not inline. */
const otherNonInline = toSet('dd dt form li');

/** Elements that always end with the paragraph in which they began; this includes unknown elements. */
export const isPhrase = (name: string): boolean =>
  !isFormatting(name) &&
  !isBlock(name) &&
  !isBarrier(name) &&
  !otherNonInline.has(name) &&
  !hasTextContent(name);

/** Block elements that end only with their own end tag or the end tag of an outer element. */
export const isFirmBlock = (name: string): boolean =>
  isBlock(name) && !/^(?:address|div|h[1-6]|p)$/.test(name);

/** Elements whose end tag can be omitted when the outer element ends. */
export const endsWithParent = (name: string, parent: string): boolean => {
  if (tableElements.has(parent) && tableParts.has(name)) return true;
  // Parsers that do not know `template` close nothing else at its end tag.
  if (parent === 'template') return false;
  return optionalEndElements.has(name) && !isPhrase(parent) && !isFormatting(parent);
};
const optionalEndElements = toSet('dd dt li p');
const tableElements = toSet('table tbody tfoot thead tr');
const tableParts = toSet('caption colgroup tbody td tfoot th thead tr');

/** Returns whether the content of an element is parsed like XML. */
export const isForeign = (name: string): boolean => name === 'svg' || name === 'math';

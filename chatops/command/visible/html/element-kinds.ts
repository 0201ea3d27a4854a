/*
 * Elements by what the HTML parser of browsers does with their end tags (WHATWG HTML 13.2.6).
 */

const names = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Elements without content: nothing is ever within them. */
export const isVoid = (name: string): boolean => voids.has(name);
const voids = names(
  'area base basefont bgsound br col embed hr image img input keygen link meta param source track wbr',
);

/** Elements whose content is text to some readers and HTML to others: GitHub takes their tags for text. */
export const holdsText = (name: string): boolean => text.has(name);
const text = names('iframe noembed noframes noscript script style textarea title xmp');

/** Tags that change how all of the rest is read, or that are dropped. */
export const endsReading = (name: string): boolean => ending.has(name);
const ending = names('body frame frameset head html plaintext');

/** Elements that go on in the next paragraph after the end of theirs. */
export const isFormatting = (name: string): boolean => formatting.has(name);
const formatting = names('a b big code em font i nobr s small strike strong tt u');

/** Elements that an end tag reaches also from within other blocks. */
export const isBlock = (name: string): boolean => blocks.has(name);
const blocks = names(
  [
    'address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer h1 h2 h3 h4',
    'h5 h6 header hgroup listing main menu nav ol p pre search section summary ul',
  ].join(' '),
);

/** Elements out of which no end tag of an element around them reaches, and in which HTML is read otherwise. */
export const isBarrier = (name: string): boolean => barriers.has(name);
const barriers = names(
  [
    'annotation-xml applet button caption colgroup desc foreignobject marquee math mi mn mo ms mtext object select svg',
    'table tbody td template tfoot th thead tr',
  ].join(' '),
);

/** Further elements that are no part of a line of text. */
const otherSpecial = names('dd dt form li');

/** Elements that end with the paragraph in which they began, whatever else was forgotten; unknown ones are such. */
export const isPhrase = (name: string): boolean =>
  !isFormatting(name) && !isBlock(name) && !isBarrier(name) && !otherSpecial.has(name) && !holdsText(name);

/** Block elements that nothing but their own end tag, or that of an element around them, ends. */
export const isFirmBlock = (name: string): boolean =>
  isBlock(name) && !/^(?:address|div|h[1-6]|p)$/.test(name);

/** Elements that may be open, their end tag left out, where the one around them ends. */
export const endsWithParent = (name: string, parent: string): boolean => {
  if (tables.has(parent) && tableParts.has(name)) return true;
  // To readers that are older than `template` its end tag ends nothing else.
  if (parent === 'template') return false;
  return lines.has(name) && !isPhrase(parent) && !isFormatting(parent);
};
const lines = names('dd dt li p');
const tables = names('table tbody tfoot thead tr');
const tableParts = names('caption colgroup tbody td tfoot th thead tr');

/** Elements in which a reader of HTML reads as in XML. */
export const isForeign = (name: string): boolean => name === 'svg' || name === 'math';

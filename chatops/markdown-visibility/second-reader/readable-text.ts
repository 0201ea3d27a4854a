import { html, type DefaultTreeAdapterTypes as Tree } from 'parse5';

/** Elements whose content is hidden, changed, struck out, folded, quoted, or code. */
const hidingElements = new Set(
  [
    'annotation applet audio bdo blockquote button canvas code datalist del details dialog frameset head iframe kbd legend',
    'listing map marquee math meter noembed noframes noscript object optgroup option picture plaintext pre progress q rb rp',
    'rt rtc ruby s samp script select strike style summary svg template textarea title tt var video xmp',
  ]
    .join(' ')
    .split(' '),
);

/** Elements that start a new line. */
const blockElement =
  /^(?:address|article|aside|br|center|d[dlt]|div|figcaption|figure|footer|form|h[1-6r]|header|li|main|nav|ol|p|section|t(?:able|body|d|foot|h|head|r)|ul)$/;

/** Returns the text of a document that readers see, with a line for each line and each block. */
export const getReadableText = (document: Tree.Document): string => {
  const parts: string[] = [];
  // Iterative, because comments can be nested deeply.
  const pending: (Tree.ChildNode | '\n')[] = document.childNodes.toReversed();
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node === '\n') parts.push(node);
    else if (isText(node)) parts.push(node.value);
    else if ('tagName' in node && !isHiding(node)) {
      const lineBreak = blockElement.test(node.tagName) ? (['\n'] as const) : [];
      parts.push(...lineBreak);
      pending.push(...lineBreak, ...node.childNodes.toReversed());
    }
  }
  return parts.join('');
};

const isText = (node: Tree.ChildNode): node is Tree.TextNode => node.nodeName === '#text';

const isHiding = ({ tagName, namespaceURI, attrs }: Tree.Element): boolean =>
  hidingElements.has(tagName) ||
  namespaceURI !== html.NS.HTML ||
  attrs.some(
    ({ name, value }) => hidingAttributes.has(name) || (name === 'dir' && value.toLowerCase() === 'rtl'),
  );

/** `data-footnotes` marks the footnotes, which are shown at the end. */
const hidingAttributes: ReadonlySet<string> = new Set(['hidden', 'style', 'data-footnotes']);

import type { Range } from './paragraph.ts';

/** Elements whose content a reader sees as code or as a quote, or not before unfolding it. */
const names = 'pre|code|kbd|samp|tt|blockquote|details|template';
const tags = new RegExp(`<!--[^]*?(?:-->|$)|<(?<slash>/?)(?<name>${names})(?:[ \\t\\n/][^<>]*)?>`, 'gi');

/**
 * What stands within HTML elements such as `<pre>` or `<details>`: Markdown inside them is read as Markdown, but shown
 * as code, as a quote, or folded away.
 * @param html the comment's HTML, in its order
 */
export const concealedByElements = (text: string, html: readonly Range[]): Range[] => {
  const concealed: Range[] = [];
  const open = new Map<string, number>();
  let depth = 0;
  let since = 0;
  for (const { name, closing, at } of html.flatMap((range) => tagsIn(text, range))) {
    const count = open.get(name) ?? 0;
    if (closing && count === 0) continue;
    if (depth === 0) since = at;
    depth += closing ? -1 : 1;
    open.set(name, count + (closing ? -1 : 1));
    if (depth === 0) concealed.push({ start: since, end: at });
  }
  return depth > 0 ? [...concealed, { start: since, end: text.length }] : concealed;
};

const tagsIn = (text: string, { start, end }: Range): { name: string; closing: boolean; at: number }[] =>
  [...text.slice(start, end).matchAll(tags)].flatMap(({ groups, index }) => {
    const name = groups?.['name']?.toLowerCase();
    return name === undefined ? [] : [{ name, closing: groups?.['slash'] === '/', at: start + index }];
  });

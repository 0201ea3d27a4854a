import type { IOptions } from 'sanitize-html';

import type { Accounts } from '../accounts.ts';
import { trustHtml, type Html } from './html.ts';
import { createMentionMarker } from './mentions.ts';

export type RenderMarkdown = (text: string) => Html;

/** A progress bar of block characters, such as `█████░░░░░`. */
const barPattern = /^(█*)(░*)$/;

const inline = 'a b strong i em code kbd samp var del s ins sub sup q br span';
const blocks = 'p div h1 h2 h3 h4 h5 h6 hr blockquote pre ul ol li details summary progress';
const tables = 'table thead tbody tr th td';

/** Converts a cell's alignment to an attribute, because our content security policy allows no inline styles. */
const alignCell = (tagName: string, attribs: Record<string, string>) => {
  const align = /text-align:\s*(left|right|center)/.exec(attribs['style'] ?? '')?.[1];
  return { tagName, attribs: align === undefined ? attribs : { ...attribs, align } };
};

/**
 * Returns the HTML that is allowed in a text, similar to GitHub's. Pictures become links unless they are from the given origin, because
 * pages load nothing from other sites.
 */
const createRules = (pictureOrigin: string | null): IOptions => ({
  allowedTags: `${inline} ${blocks} ${tables} img`.split(' '),
  allowedAttributes: {
    a: ['href', 'title', 'rel'],
    details: ['open'],
    progress: ['value', 'max', 'aria-label'],
    ol: ['start'],
    th: ['align'],
    td: ['align', 'colspan', 'rowspan'],
    img: ['src', 'alt'],
  },
  allowedClasses: { code: ['language-*'] },
  allowedSchemes: ['http', 'https', 'mailto'],
  transformTags: {
    a: (tagName, attribs) => ({ tagName, attribs: { ...attribs, rel: 'nofollow noopener noreferrer' } }),
    img: (tagName, { src = '', alt = '' }) =>
      pictureOrigin !== null && src.startsWith(`${pictureOrigin}/`)
        ? { tagName, attribs: { src, alt } }
        : {
            tagName: 'a',
            attribs: { href: src, rel: 'nofollow noopener noreferrer' },
            text: alt || src,
          },
    th: alignCell,
    td: alignCell,
  },
});

/**
 * Loads the Markdown renderer, which only the pages need. It renders GFM as in comments, with hard line breaks, sanitizes the HTML, and
 * marks mentions of people and teams.
 */
export const loadMarkdownRenderer = async (
  accounts: Pick<Accounts, 'byLogin'>,
  pictureOrigin: string | null = null,
): Promise<RenderMarkdown> => {
  const rules = createRules(pictureOrigin);
  const markMentions = createMentionMarker(accounts);
  const [{ default: MarkdownIt }, { default: sanitize }] = await Promise.all([
    import('markdown-it'),
    import('sanitize-html'),
  ]);
  const markdown = new MarkdownIt({ html: true, linkify: true, breaks: true });
  const plainCode = markdown.renderer.rules['code_inline'];
  markdown.renderer.rules['code_inline'] = (tokens, index, ...rest) =>
    renderBar(tokens[index]?.content ?? '') ?? plainCode?.(tokens, index, ...rest) ?? '';
  return (text) => trustHtml(markMentions(makeScrollable(sanitize(markdown.render(text), rules))));
};

/**
 * Makes tables and code of sanitized HTML scroll on their own if they are wider than the card. Browsers scroll only what has the focus
 * with the keyboard.
 */
const makeScrollable = (html: string): string =>
  html
    .replaceAll('<table>', '<div class="scroll" role="group" aria-label="Table" tabindex="0"><table>')
    .replaceAll('</table>', '</table></div>')
    .replaceAll('<pre>', '<pre class="scroll" role="group" aria-label="Code" tabindex="0">');

/** Renders a bar of block characters as a progress element. */
const renderBar = (code: string): string | undefined => {
  const [, full, rest] = barPattern.exec(code) ?? [];
  if (full === undefined || rest === undefined) return undefined;
  const max = full.length + rest.length;
  return `<progress aria-label="Progress" value="${full.length}" max="${max}"></progress>`;
};

import type { Token } from 'markdown-it';
import { formatTable, type Alignment } from '../table.ts';
import { escapeTableCell, toCodeBlock } from '../untrusted-text.ts';
import { renderInline, type InlineToken } from './inline.ts';

/** The languages of code that only change its colors. GitHub draws or runs others, such as `mermaid` and `suggestion`. */
const languages = new Set(
  'bash console css diff go html ini java js json python rust sh sql toml ts xml yaml'.split(' '),
);

/** A quote or a list item around blocks. `first` and `rest`: what its first line, and its others, begin with. */
type Container = { first: string; rest: string; isEmpty: boolean };

/** Renders blocks as lines. Headings become bold paragraphs, and rules are left out. */
export const renderBlocks = (tokens: readonly Token[]): string[] => {
  const page = new Page();
  /** The next number of each list around the token; undefined for a list with bullets. */
  const numbers: (number | undefined)[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] as Token;
    const text = tokens[at + 1]?.children ?? [];
    switch (token.type) {
      case 'paragraph_open':
        page.add(page.isInNewItem ? renderItemText(text) : renderInline(text));
        if (token.hidden) page.isTight = true;
        break;
      case 'heading_open':
        page.add(renderHeading(text));
        break;
      case 'fence':
      case 'code_block':
        page.add(renderCode(token));
        break;
      case 'table_open': {
        const end = tokens.findIndex(({ type }, index) => index > at && type === 'table_close');
        page.add(renderTable(tokens.slice(at, end)));
        at = end;
        break;
      }
      case 'blockquote_open':
        page.separate();
        page.open({ first: '> ', rest: '> ' });
        break;
      case 'bullet_list_open':
      case 'ordered_list_open': {
        const start = token.type === 'ordered_list_open' ? Number(token.attrGet('start') ?? 1) : undefined;
        // Other numbers cannot begin a list directly below a paragraph.
        if (start !== undefined && start !== 1) page.isTight = false;
        page.separate();
        numbers.push(start);
        break;
      }
      case 'list_item_open': {
        const number = numbers.pop();
        const first = number === undefined ? '- ' : `${Math.min(number, 999_999_999)}. `;
        numbers.push(number === undefined ? undefined : number + 1);
        page.open({ first, rest: ' '.repeat(first.length) });
        break;
      }
      case 'blockquote_close':
      case 'list_item_close':
        page.close();
        break;
      case 'bullet_list_close':
      case 'ordered_list_close':
        numbers.pop();
        break;
    }
  }
  return page.lines;
};

/** The lines that are rendered so far, and the containers around the next block. */
class Page {
  readonly lines: string[] = [];
  /** Whether the next block can follow directly, without a blank line. */
  isTight = false;
  readonly #containers: Container[] = [{ first: '', rest: '', isEmpty: true }];

  get #innermost(): Container {
    return this.#containers.at(-1) as Container;
  }

  get isInNewItem(): boolean {
    return this.#innermost.isEmpty && this.#containers.length > 1;
  }

  open(container: Omit<Container, 'isEmpty'>): void {
    this.#containers.push({ ...container, isEmpty: true });
  }

  close(): void {
    this.#containers.pop();
    this.isTight = false;
  }

  /** Ends the block before, unless the next one is the first in its container. */
  separate(): void {
    if (!this.#innermost.isEmpty && !this.isTight)
      this.lines.push(this.#containers.map(({ rest }) => rest).join(''));
    this.isTight = false;
  }

  add(block: string): void {
    if (block === '') return;
    this.separate();
    for (const line of block.split('\n')) {
      this.lines.push(
        this.#containers.map(({ first, rest, isEmpty }) => (isEmpty ? first : rest)).join('') + line,
      );
      for (const container of this.#containers) container.isEmpty = false;
    }
  }
}

/** Renders the text of a list item, with a sign in place of a checkbox. */
const renderItemText = (tokens: readonly InlineToken[]): string => {
  const [first, ...others] = tokens;
  const [box, sign] = /^\[([ x])\](?=\s)/i.exec(first?.type === 'text' ? first.content : '') ?? [];
  if (!first || box === undefined) return renderInline(tokens);
  const rest = { type: 'text', content: first.content.slice(box.length) };
  return `${sign === ' ' ? '⬜' : '✅'} ${renderInline([rest, ...others])}`;
};

const renderHeading = (tokens: readonly InlineToken[]): string => {
  const text = renderInline(tokens, ['**']).replaceAll('\n', ' ');
  return text === '' ? '' : `**${text}**`;
};

const renderCode = ({ content, info }: Token): string => {
  const [language = ''] = info.trim().toLowerCase().split(/\s/, 1);
  return toCodeBlock(content, Infinity, languages.has(language) ? language : 'text');
};

/** Renders the tokens of a table. The parser gives each row as many cells as the header. */
const renderTable = (tokens: readonly Token[]): string => {
  const rows: string[][] = [];
  const alignments: Alignment[] = [];
  for (const [at, token] of tokens.entries()) {
    if (token.type === 'tr_open') rows.push([]);
    if (token.type === 'th_open') alignments.push(readAlignment(token));
    if (token.type === 'th_open' || token.type === 'td_open')
      rows.at(-1)?.push(renderInline(tokens[at + 1]?.children ?? []));
  }
  const [head = [], ...body] = rows;
  return formatTable(head.map(escapeTableCell), body, alignments);
};

const readAlignment = (cell: Token): Alignment =>
  /left|center|right/.exec(String(cell.attrGet('style')))?.[0] as Alignment;

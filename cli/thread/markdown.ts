import MarkdownIt, { type Token } from 'markdown-it';
import { linked, padded, pieces, printable, styled, wrapped } from './terminal-text.ts';
import { tableLines } from './table.ts';

/** How Markdown is shown: lines of at most `width` columns, links that a terminal can follow or only their words. */
export type Look = { width: number; links: boolean };

const parser = new MarkdownIt({ html: true, breaks: true });

/** A reply's Markdown as lines for a terminal: tables aligned, code as it is, folded details open, nothing of hidden text and tags. */
export const terminalLines = (markdown: string, look: Look): string[] =>
  blocks(parser.parse(printable(markdown), {}), look);

type Node = { token: Token; inside: Token[] };

/** Tokens come flat, with opening and closing ones: the outermost, each with what is inside. */
const nodes = (tokens: readonly Token[]): Node[] => {
  const found: Node[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] as Token;
    const isEnd = ({ level, nesting }: Token, index: number): boolean =>
      index > at && level === token.level && nesting === -1;
    const end = token.nesting === 1 ? tokens.findIndex(isEnd) : at;
    found.push({ token, inside: tokens.slice(at + 1, end) });
    at = end;
  }
  return found;
};

const blocks = (tokens: readonly Token[], look: Look): string[] =>
  nodes(tokens).flatMap((node) => blockLines(node, look));

const blockLines = ({ token, inside }: Node, look: Look): string[] => {
  switch (token.type) {
    case 'inline':
      return wrapped(inlineText(token.children ?? [], look), look.width);
    case 'heading_open':
      return blocks(inside, look).map((line) => styled('bold', line));
    case 'bullet_list_open':
      return nodes(inside).flatMap((item) => hanging('- ', item, look));
    case 'ordered_list_open':
      return nodes(inside).flatMap((item, at) => hanging(`${at + 1}. `, item, look));
    case 'fence':
    case 'code_block':
      return codeLines(token.content, look);
    case 'table_open':
      return tableLines(cellsOf(inside, look), look.width);
    case 'html_block':
      return htmlLines(token.content, look);
    case 'hr':
      return ['─'.repeat(Math.min(look.width, 40))];
    default:
      return blocks(inside, look);
  }
};

const narrower = (look: Look, by: number): Look => ({ ...look, width: Math.max(1, look.width - by) });

const hanging = (mark: string, { inside }: Node, look: Look): string[] =>
  blocks(inside, narrower(look, mark.length)).map((line, at) =>
    at === 0 ? mark + line : padded('', mark.length) + line,
  );

const codeLines = (code: string, look: Look): string[] =>
  code
    .replace(/\n$/, '')
    .split('\n')
    .flatMap((line) => pieces(line.replaceAll('\t', '    '), narrower(look, 2).width))
    .map((line) => `  ${line}`);

const cellsOf = (table: readonly Token[], look: Look): string[][] =>
  nodes(table)
    .flatMap(({ inside: section }) => nodes(section))
    .map(({ inside: row }) =>
      nodes(row).map(({ inside: cell }) =>
        cell.map(({ children }) => inlineText(children ?? [], look)).join(''),
      ),
    );

/** Of a block of HTML the words; a summary gets the mark of something unfolded. */
const htmlLines = (html: string, { width }: Look): string[] =>
  html
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .replaceAll('<summary>', '▾ ')
    .replaceAll(/<\/?[a-z][^>]*>/gi, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => wrapped(line, width));

const inlineText = (tokens: readonly Token[], look: Look): string =>
  nodes(tokens)
    .map((node) => wordsOf(node, look))
    .join('');

const wordsOf = ({ token, inside }: Node, look: Look): string => {
  switch (token.type) {
    case 'softbreak':
    case 'hardbreak':
      return '\n';
    case 'code_inline':
      return styled('cyan', token.content);
    case 'strong_open':
      return styled('bold', inlineText(inside, look));
    case 'link_open':
      return link(inlineText(inside, look), String(token.attrGet('href')), look);
    case 'html_inline':
      return /^<br\b/i.test(token.content) ? '\n' : '';
    default:
      return inside.length > 0 ? inlineText(inside, look) : token.content;
  }
};

const link = (text: string, url: string, { links }: Look): string =>
  links && /^https?:/.test(url) ? linked(text, url) : text;

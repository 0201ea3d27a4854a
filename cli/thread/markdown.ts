import MarkdownIt, { type Token } from 'markdown-it';
import { addLink, padText, cutText, toPrintable, applyStyle, wrapText } from './terminal-text.ts';
import { renderTable } from './table.ts';

/** The format of the terminal: the maximum columns of a line, and whether the terminal supports links. */
export type TerminalFormat = { width: number; links: boolean };

const parser = new MarkdownIt({ html: true, breaks: true });

/** Renders a reply's Markdown as lines for a terminal: aligns tables, keeps code unchanged, shows folded details, and omits tags and hidden text. */
export const renderMarkdown = (markdown: string, format: TerminalFormat): string[] =>
  renderBlocks(parser.parse(toPrintable(markdown), {}), format);

type Node = { token: Token; inside: Token[] };

/** Returns the outermost nodes of a flat list of opening and closing tokens, each with the tokens inside. */
const toNodes = (tokens: readonly Token[]): Node[] => {
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

const renderBlocks = (tokens: readonly Token[], format: TerminalFormat): string[] =>
  toNodes(tokens).flatMap((node) => renderBlock(node, format));

const renderBlock = ({ token, inside }: Node, format: TerminalFormat): string[] => {
  switch (token.type) {
    case 'inline':
      return wrapText(renderInline(token.children ?? [], format), format.width);
    case 'heading_open':
      return renderBlocks(inside, format).map((line) => applyStyle('bold', line));
    case 'bullet_list_open':
      return toNodes(inside).flatMap((item) => renderListItem('- ', item, format));
    case 'ordered_list_open':
      return toNodes(inside).flatMap((item, at) => renderListItem(`${at + 1}. `, item, format));
    case 'blockquote_open':
      return renderBlocks(inside, reduceWidth(format, 2)).map((line) => `│ ${line}`);
    case 'fence':
    case 'code_block':
      return renderCode(token.content, format);
    case 'table_open':
      return renderTable(renderCells(inside, format), format.width);
    case 'html_block':
      return renderHtml(token.content, format);
    case 'hr':
      return ['─'.repeat(Math.min(format.width, 40))];
    default:
      return renderBlocks(inside, format);
  }
};

const reduceWidth = (format: TerminalFormat, by: number): TerminalFormat => ({
  ...format,
  width: Math.max(1, format.width - by),
});

const renderListItem = (mark: string, { inside }: Node, format: TerminalFormat): string[] =>
  renderBlocks(inside, reduceWidth(format, mark.length)).map((line, at) =>
    at === 0 ? mark + line : padText('', mark.length) + line,
  );

const renderCode = (code: string, format: TerminalFormat): string[] =>
  code
    .replace(/\n$/, '')
    .split('\n')
    .flatMap((line) => cutText(line.replaceAll('\t', '    '), reduceWidth(format, 2).width))
    .map((line) => `  ${line}`);

const renderCells = (table: readonly Token[], format: TerminalFormat): string[][] =>
  toNodes(table)
    .flatMap(({ inside: section }) => toNodes(section))
    .map(({ inside: row }) =>
      toNodes(row).map(({ inside: cell }) =>
        cell.map(({ children }) => renderInline(children ?? [], format)).join(''),
      ),
    );

/** Renders the text of an HTML block. A summary gets the symbol of unfolded details. */
const renderHtml = (html: string, { width }: TerminalFormat): string[] =>
  html
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .replaceAll('<summary>', '▾ ')
    .replaceAll(/<\/?[a-z][^>]*>/gi, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => wrapText(line, width));

const renderInline = (tokens: readonly Token[], format: TerminalFormat): string =>
  toNodes(tokens)
    .map((node) => renderInlineNode(node, format))
    .join('');

const renderInlineNode = ({ token, inside }: Node, format: TerminalFormat): string => {
  switch (token.type) {
    case 'softbreak':
    case 'hardbreak':
      return '\n';
    case 'code_inline':
      return applyStyle('cyan', token.content);
    case 'strong_open':
      return applyStyle('bold', renderInline(inside, format));
    case 'link_open':
      return renderLink(renderInline(inside, format), String(token.attrGet('href')), format);
    case 'image':
      return renderLink(renderInline(token.children ?? [], format), String(token.attrGet('src')), format);
    case 'html_inline':
      return /^<br\b/i.test(token.content) ? '\n' : '';
    default:
      return inside.length > 0 ? renderInline(inside, format) : token.content;
  }
};

const renderLink = (text: string, url: string, { links }: TerminalFormat): string =>
  links && /^https?:/.test(url) ? addLink(text, url) : text;

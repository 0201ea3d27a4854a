import type { Token } from 'markdown-it';
import { splitWords } from '../plain-words.ts';
import { toCodeSpan } from '../untrusted-text.ts';

type Mark = '**' | '_' | '~~';

/** A piece of a paragraph: a text, code, a mark that begins or ends emphasis, or a line break. */
type Piece = { kind: 'text' | 'code' | 'open' | 'close' | 'break'; value: string };

const marks: Readonly<Record<string, Mark>> = { strong: '**', em: '_', s: '~~' };

/** A token of the text of a paragraph. */
export type InlineToken = Pick<Token, 'type' | 'content'>;

/**
 * Renders the text of a paragraph or a cell. What could have an effect becomes code; emphasis stays where all parsers agree on it.
 * @param around the marks around the text, which are not repeated in it
 */
export const renderInline = (tokens: readonly InlineToken[], around: readonly Mark[] = []): string =>
  joinPieces(dropUnsafeMarks(tokens.flatMap(toPieces), around));

const toPieces = ({ type, content }: InlineToken): Piece[] => {
  if (type === 'softbreak') return [{ kind: 'break', value: '\n' }];
  if (type === 'hardbreak') return [{ kind: 'break', value: '<br>' }];
  if (type === 'code_inline') return [{ kind: 'code', value: content }];
  const [, name = '', side] = /^(strong|em|s)_(open|close)$/.exec(type) ?? [];
  const mark = marks[name];
  return mark === undefined ? splitLines(content) : [{ kind: side as 'open' | 'close', value: mark }];
};

/** Splits a text at `<br>`, the only HTML that is not shown as text. */
const splitLines = (text: string): Piece[] =>
  text
    .split(/<br *\/?>/i)
    .flatMap((value, at): Piece[] => [
      ...(at > 0 ? [{ kind: 'break', value: '<br>' } as const] : []),
      ...(value === '' ? [] : [{ kind: 'text', value: decodeEntities(value) } as const]),
    ]);

/** Decodes the entities that programs write to escape Markdown and HTML. */
const decodeEntities = (text: string): string =>
  text.replaceAll(/&(?:#(\d{1,6})|(lt|gt|amp|quot|nbsp));/g, (_, code: string | undefined, name: string) =>
    code === undefined ? (namedEntities[name] ?? '') : String.fromCodePoint(Number(code)),
  );

const namedEntities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', nbsp: ' ' };

/** Removes pairs of marks that touch a word, enclose a blank at their edge, or repeat the mark around them: there, parsers disagree. */
const dropUnsafeMarks = (pieces: readonly Piece[], around: readonly Mark[]): Piece[] => {
  const closings = findClosings(pieces);
  const open = new Set<string>(around);
  const kept = new Set<number>();
  pieces.forEach(({ kind, value }, at) => {
    if (kind === 'close' && kept.has(at)) open.delete(value);
    const end = closings.get(at);
    if (kind !== 'open' || end === undefined || open.has(value)) return;
    const isSeparate =
      isEdge(pieces[at - 1], kept.has(at - 1), /[\s(]$/) &&
      isEdge(pieces[end + 1], kept.has(end + 1), /^[\s).,;:!?]/) &&
      isInside(pieces[at + 1], /^\s/) &&
      isInside(pieces[end - 1], /\s$/);
    if (!isSeparate) return;
    open.add(value);
    kept.add(at).add(end);
  });
  return pieces.filter(({ kind }, at) => (kind !== 'open' && kind !== 'close') || kept.has(at));
};

/** Returns the position of the closing mark of each opening one. */
const findClosings = (pieces: readonly Piece[]): Map<number, number> => {
  const closings = new Map<number, number>();
  const open: number[] = [];
  pieces.forEach(({ kind }, at) => {
    if (kind === 'open') open.push(at);
    const start = kind === 'close' ? open.pop() : undefined;
    if (start !== undefined) closings.set(start, at);
  });
  return closings;
};

/** Returns whether a mark can be beside a piece: nothing, a line break, a kept mark around it, or a text with a separator there. */
const isEdge = (piece: Piece | undefined, isKept: boolean, separator: RegExp): boolean =>
  piece === undefined ||
  piece.kind === 'break' ||
  isKept ||
  (piece.kind === 'text' && separator.test(piece.value));

/** Returns whether a mark can enclose a piece at its edge. */
const isInside = (piece: Piece | undefined, blank: RegExp): boolean =>
  piece !== undefined && piece.kind !== 'break' && !(piece.kind === 'text' && blank.test(piece.value));

/** Joins the pieces to Markdown. Texts are joined before they are split into words, and code that follows code becomes one span. */
const joinPieces = (pieces: readonly Piece[]): string => {
  let markdown = '';
  let text = '';
  let code = '';
  let isLineStart = true;
  const endCode = (): void => {
    if (code !== '') markdown += toCodeSpan(code, Infinity);
    code = '';
  };
  const endText = (): void => {
    for (const { kind, value } of splitWords(text, isLineStart)) {
      if (kind === 'code') code += value;
      else {
        endCode();
        markdown += value;
      }
    }
    if (text !== '') isLineStart = false;
    text = '';
  };
  for (const { kind, value } of pieces) {
    if (kind === 'text') text += value;
    else {
      endText();
      if (kind === 'code') code += value;
      else {
        endCode();
        // A line break at the start of a line would begin an HTML block, or end the paragraph.
        if (kind !== 'break') markdown += value;
        else if (!/(?:^|\n)$/.test(markdown)) markdown = markdown.trimEnd() + value;
        isLineStart ||= value === '\n';
      }
    }
  }
  endText();
  endCode();
  return markdown.replaceAll(/(?:<br>)+(?=\n|$)/g, '').trim();
};

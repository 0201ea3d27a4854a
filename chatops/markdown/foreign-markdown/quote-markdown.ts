import { sanitizeText, toCodeBlock } from '../untrusted-text.ts';
import { renderBlocks } from './blocks.ts';
import { parseForeignMarkdown } from './parser.ts';

/** The maximum number of lines of a text that are shown. */
const maxLines = 400;

/**
 * Renders foreign Markdown as a quote: its headings, paragraphs, lists, tables, code and emphasis, but nothing that could mention,
 * refer, link, load or run anything. Each line begins with `>`, so that no line of it is a command for any program.
 * @param maxLength in characters
 * @returns the quote, undefined if the text is blank, and whether the end of the text is missing
 */
export const quoteMarkdown = (
  markdown: string,
  maxLength: number,
): { quote: string | undefined; isCut: boolean } => {
  const lines = sanitizeText(markdown).split('\n');
  const whole = lines.slice(0, maxLines).join('\n').trimEnd();
  let text = whole;
  let quote = renderQuote(text);
  while (quote.length > maxLength) {
    text = cutText(text, Math.floor(text.length * Math.min(0.9, maxLength / quote.length)));
    quote = renderQuote(text);
  }
  return {
    quote: quote === '' ? undefined : quote,
    isCut: text.length < whole.length || lines.length > maxLines,
  };
};

/** Returns at most `length` characters of a text, up to the end of a line if one is near. */
const cutText = (text: string, length: number): string => {
  const start = text.slice(0, length);
  const lineEnd = start.lastIndexOf('\n');
  return (lineEnd > length / 2 ? start.slice(0, lineEnd) : start.replace(/[\uD800-\uDBFF]$/, '')).trimEnd();
};

const renderQuote = (text: string): string => {
  const tokens = parseForeignMarkdown(text);
  const lines = tokens ? renderBlocks(tokens) : toCodeBlock(text, Infinity).split('\n');
  return lines.map((line) => `> ${line}`.trimEnd()).join('\n');
};

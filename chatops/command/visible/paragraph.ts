import { definitionAt, skipBlanks } from './link.ts';

/** Offsets into the comment, `end` excluded. */
export type Range = { start: number; end: number };

/** A line of a paragraph without what its containers consumed. `margin`: a command may begin here. */
export type ParagraphLine = Range & { margin: boolean };

/** Lines of text that are read together; `concealed` in a quote or a footnote. */
export type Paragraph = { lines: ParagraphLine[]; concealed: boolean };

/** A paragraph that may get further lines. */
export type OpenParagraph = Paragraph & {
  /** Parsers disagree about what may interrupt it: it begins with a definition, or is a table. */
  unsure: boolean;
  /** Since something came up on which they disagree: no more commands in it. */
  dark: boolean;
};

/** Removes the link definitions with which a paragraph begins, and returns their labels. */
export const takeDefinitions = (text: string, paragraph: OpenParagraph): string[] => {
  if (!paragraph.unsure) return [];
  const content = paragraphText(text, paragraph.lines);
  const labels: string[] = [];
  let done = 0;
  for (let at = 0; content[at] === '['; at = skipBlanks(content, done)) {
    const found = definitionAt(content, at);
    if (!found) break;
    labels.push(found.label);
    done = found.end;
  }
  const from = (paragraph.lines[0]?.start ?? 0) + done;
  if (done > 0) paragraph.lines = paragraph.lines.filter(({ start }) => start > from);
  return labels;
};

/** A paragraph's text with offsets as in the comment, less those of its start: what its containers consumed is blank. */
export const paragraphText = (text: string, lines: readonly Range[]): string => {
  const parts: string[] = [];
  let at = lines[0]?.start ?? 0;
  for (const { start, end } of lines) {
    parts.push(at < start ? `\n${' '.repeat(start - at - 1)}` : '', text.slice(start, end));
    at = end;
  }
  return parts.join('');
};

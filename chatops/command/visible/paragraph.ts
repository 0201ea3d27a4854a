import type { Container } from './container.ts';
import { definitionAt, skipBlanks } from './link.ts';

/** Offsets into the comment, `end` excluded. */
export type Range = { start: number; end: number };

/** A line of a paragraph without what its containers consumed. `margin`: a command may begin here; `dark`: nobody can say. */
export type ParagraphLine = Range & { margin: boolean; dark: boolean };

/** Lines of text that are read together; `concealed` in a quote or a footnote. */
export type Paragraph = {
  lines: ParagraphLine[];
  concealed: boolean;
  /** The blocks that it is in, outermost first. */
  containers: readonly Container[];
  /** Parsers disagree about what may interrupt it: it begins with a definition, or is a table. */
  unsure: boolean;
  /** It has the line between a table’s head and its rows. */
  table: boolean;
  /** Where it began and ended, with the definitions that were taken out of it. */
  start: number;
  end: number;
};

/** A paragraph that may get further lines. */
export type OpenParagraph = Paragraph & {
  /** Since something came up on which parsers disagree: no more commands in it. */
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

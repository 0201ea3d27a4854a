import type { Container } from './container-blocks.ts';
import { parseDefinition, skipBlanks } from './link.ts';

/** Offsets into the comment, `end` excluded. */
export type TextRange = { start: number; end: number };

/** A line of a paragraph, without the prefix of its containers. `margin`: a command can begin here; `uncertain`: uncertain. */
type ParagraphLine = TextRange & { margin: boolean; uncertain: boolean };

/** Lines of text that are parsed together; `concealed`: in a quote or a footnote. */
export type Paragraph = {
  lines: ParagraphLine[];
  concealed: boolean;
  /** The blocks around it, outermost first. */
  containers: readonly Container[];
  /** Parsers disagree about what can interrupt it, because it begins with a definition or is a table. */
  ambiguous: boolean;
  /** It contains the delimiter row of a table. */
  table: boolean;
  /** Its range, including the definitions that were removed from it. */
  start: number;
  end: number;
};

/** A paragraph that can still get lines. */
export type OpenParagraph = Paragraph & {
  /** Parsers disagree about something in it, so it contains no more commands. */
  uncertain: boolean;
};

/** Removes the link definitions with which a paragraph begins, and returns their labels. */
export const removeDefinitions = (text: string, paragraph: OpenParagraph): string[] => {
  if (!paragraph.ambiguous) return [];
  const content = getParagraphText(text, paragraph.lines);
  const labels: string[] = [];
  let done = 0;
  for (let at = 0; content[at] === '['; at = skipBlanks(content, done)) {
    const found = parseDefinition(content, at);
    if (!found) break;
    labels.push(found.label);
    done = found.end;
  }
  const from = (paragraph.lines[0]?.start ?? 0) + done;
  if (done > 0) paragraph.lines = paragraph.lines.filter(({ start }) => start > from);
  return labels;
};

/** Returns the text of a paragraph. Container prefixes become blanks, so that offsets match those in the comment, less its start. */
export const getParagraphText = (text: string, lines: readonly TextRange[]): string => {
  const parts: string[] = [];
  let at = lines[0]?.start ?? 0;
  for (const { start, end } of lines) {
    parts.push(at < start ? `\n${' '.repeat(start - at - 1)}` : '', text.slice(start, end));
    at = end;
  }
  return parts.join('');
};

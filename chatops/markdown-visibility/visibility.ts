import type { TextRange } from './paragraph.ts';

/**
 * How readers see a character of a comment. `outside`: in a block that is not plain text of the author (code, quote, HTML); `visible`:
 * as plain text; `code`: as inline code; `hidden`: not at all, or as another character, within a line of text (HTML, the target of a
 * link); `comment`: in an HTML comment; `uncertain`: possibly not as plain text (struck out, in an element, or parsers disagree).
 */
export const visibility = { outside: 0, visible: 1, code: 2, hidden: 3, comment: 4, uncertain: 5 } as const;

/** The visibility of a comment. */
export type VisibilityMap = {
  /** The comment, with lines that end in LF. */
  text: string;
  /** For each UTF-16 unit of `text`, one of `visibility`. */
  marks: Uint8Array;
  /**
   * The lines that may be commands, from the first character that readers see on, in order. That character is visible or uncertain; if it
   * is uncertain, the line is not a command.
   */
  lines: TextRange[];
};

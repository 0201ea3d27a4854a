/* Recognizes single lines. Each function takes a line from its first non-blank character to its end. */

/** Returns whether a line is a heading: `## …` */
export const isHeading = (rest: string): boolean => /^#{1,6}(?:[ \t]|$)/.test(rest);

/** Returns whether a line is `====` or `----`, which turns the paragraph above it into a heading. */
export const isSetextUnderline = (rest: string): boolean => /^(?:=+|-+)[ \t]*$/.test(rest);

/** Returns whether a line is a thematic break: `* * *`, `___` or `---` */
export const isThematicBreak = (rest: string): boolean =>
  /^(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})$/.test(rest);

/** Returns whether a line separates the head of a table from its rows: `| --- | :-: |`. */
export const isDelimiterRow = (rest: string): boolean =>
  /^[|: \t-]+$/.test(rest) && rest.includes('-') && /[|:]/.test(rest);

/** Returns the run of backticks or tildes with which a line opens a fence, if it does. */
export const findFence = (rest: string): string | undefined => {
  const found = /^(?:(`{3,})[^`]*|(~{3,}).*)$/s.exec(rest);
  return found?.[1] ?? found?.[2];
};

/** Returns whether a line closes the fence that `opening` opened. */
export const isClosingFence = (rest: string, opening: string): boolean =>
  /^(`{3,}|~{3,})[ \t]*$/.exec(rest)?.[1]?.startsWith(opening) ?? false;

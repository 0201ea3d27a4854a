/** What single lines can be. All take a line from its first character that is no blank to its end. */

/** `## …` */
export const isHeading = (rest: string): boolean => /^#{1,6}(?:[ \t]|$)/.test(rest);

/** `====` or `----` under a paragraph. */
export const isSetextUnderline = (rest: string): boolean => /^(?:=+|-+)[ \t]*$/.test(rest);

/** `* * *`, `___` or `---` */
export const isThematicBreak = (rest: string): boolean =>
  /^(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})$/.test(rest);

/** The line between a table's head and its rows: `| --- | :-: |`. */
export const isDelimiterRow = (rest: string): boolean =>
  /^[|: \t-]+$/.test(rest) && rest.includes('-') && /[|:]/.test(rest);

/** The run of backticks or tildes with which the line opens a fence. */
export const findFence = (rest: string): string | undefined => {
  const found = /^(?:(`{3,})[^`]*|(~{3,}).*)$/s.exec(rest);
  return found?.[1] ?? found?.[2];
};

/** Whether the line closes the fence that `opening` opened. */
export const isClosingFence = (rest: string, opening: string): boolean =>
  /^(`{3,}|~{3,})[ \t]*$/.exec(rest)?.[1]?.startsWith(opening) ?? false;

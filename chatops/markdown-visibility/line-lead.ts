/**
 * Characters that phones and mail programs insert before the first word of a line, and that readers do not see there: blanks of any
 * width, byte order marks, zero-width characters, and characters that change the direction of text. Markdown treats all but ASCII
 * blanks as text, so a line that starts with them is never code, a list or a quote.
 */
export const leadPattern = String.raw`[\p{Zs}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*`;

const lead = new RegExp(leadPattern, 'uy');

/** Returns the offset of the first character of a text from `start` on that readers see. */
export const skipLead = (text: string, start: number): number => {
  lead.lastIndex = start;
  return start + (lead.exec(text)?.[0].length ?? 0);
};

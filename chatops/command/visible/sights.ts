/**
 * What a character of a comment is to its reader: part of a block that is no text of the person's own (code, quote,
 * HTML); shown; shown as inline code; hidden within a line of text (HTML, a link's target and title) or shown as another
 * character; an HTML comment; perhaps not seen as text (struck out, within an element, or nobody can say).
 */
export const sights = { apart: 0, shown: 1, code: 2, hidden: 3, note: 4, covered: 5 } as const;

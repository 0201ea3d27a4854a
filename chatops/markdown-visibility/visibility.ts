/**
 * How a reader sees a character of a comment: part of a block that is not the author's own text (code, quote, HTML); shown;
 * shown as inline code; hidden within a line of text (HTML, a link's target and title) or shown as another character; an HTML
 * comment; possibly not seen as text (struck out, inside an element, or uncertain).
 */
export const sights = { apart: 0, shown: 1, code: 2, hidden: 3, note: 4, covered: 5 } as const;

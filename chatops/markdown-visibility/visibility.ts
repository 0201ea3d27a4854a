/**
 * How a reader sees a character of a comment: part of a block that is not the author's own text (code, quote, HTML); shown;
 * shown as inline code; hidden within a line of text (HTML, a link's target and title) or shown as another character; an HTML
 * comment; possibly not seen as text (struck out, inside an element, or uncertain).
 */
export const visibility = { outside: 0, visible: 1, code: 2, hidden: 3, comment: 4, uncertain: 5 } as const;

/** A tag, or a comment or declaration, in raw HTML; `at` and `end` are offsets into the text. */
export type HtmlToken =
  | {
      kind: 'start' | 'end';
      /** In lower case. */ name: string;
      at: number;
      end: number;
      /** It contains a `<`. */ nested: boolean;
    }
  | { kind: 'comment'; at: number; end: number };
type HtmlTag = Extract<HtmlToken, { name: string }>;

/** The state that HTML leaves open; `data`: nothing is open. */
export type OpenMarkup = 'data' | 'comment' | 'double-quoted' | 'single-quoted' | 'tag';

/**
 * Tokenizes raw HTML as browsers do (WHATWG HTML 13.2.5), as far as needed to find where tags, comments and quotes begin and
 * end. A token that is open at the end of one piece of HTML continues in the next.
 */
export class HtmlTokenizer {
  #open: OpenMarkup = 'data';
  /** The tag that is being read. */
  #tag: HtmlTag | undefined;

  get open(): OpenMarkup {
    return this.#open;
  }

  /** Yields the tags that end in a piece of HTML, and its comments. Their offsets are relative to the piece. */
  *read(text: string): Generator<HtmlToken, void> {
    let at = 0;
    for (let token = this.#continueToken(text); token; token = this.#readMarkup(text, at)) {
      if (token.kind === 'comment' || this.#open === 'data') yield token;
      at = text.indexOf('<', token.end);
      if (at < 0) return;
    }
  }

  /** Returns the end of the open token, or the first token that the piece begins. */
  #continueToken(text: string): HtmlToken | undefined {
    if (this.#open === 'comment') return this.#readComment(text, 0, 0);
    if (this.#tag) this.#tag.at = 0;
    if (this.#open === 'double-quoted') return this.#readQuoted(text, 0, '"');
    if (this.#open === 'single-quoted') return this.#readQuoted(text, 0, "'");
    const at = text.indexOf('<');
    return at < 0 ? undefined : this.#readMarkup(text, at);
  }

  /** Returns the token that begins at the `<` at `at`, or at the first later `<` that begins one. */
  #readMarkup(text: string, at: number): HtmlToken | undefined {
    for (let from = at; from >= 0; from = text.indexOf('<', from + 1)) {
      const closing = text[from + 1] === '/';
      const nameStart = closing ? from + 2 : from + 1;
      const char = text.charAt(nameStart);
      if (/[A-Za-z]/.test(char)) return this.#readName(text, from, nameStart);
      if (text.startsWith('<!--', from)) return this.#readCommentStart(text, from);
      if ((closing && char !== '>') || char === '!' || char === '?') return this.#readDeclaration(text, from);
    }
    return undefined;
  }

  #readName(text: string, at: number, start: number): HtmlTag {
    const end = findEnd(/[\t\n\f\r />]/g, text, start);
    const name = text.slice(start, end).toLowerCase();
    this.#tag = { kind: start > at + 1 ? 'end' : 'start', name, at, end, nested: name.includes('<') };
    return this.#readAttributes(text, end);
  }

  #readCommentStart(text: string, at: number): HtmlToken {
    const abrupt = /^-?>/.exec(text.slice(at + 4, at + 6));
    return abrupt
      ? { kind: 'comment', at, end: at + 4 + abrupt[0].length }
      : this.#readComment(text, at, at + 4);
  }

  #readComment(text: string, at: number, from: number): HtmlToken {
    const close = /--!?>/g;
    close.lastIndex = from;
    this.#open = close.test(text) ? 'data' : 'comment';
    return { kind: 'comment', at, end: this.#open === 'data' ? close.lastIndex : text.length };
  }

  /** Browsers treat it as a comment up to the first `>`. */
  #readDeclaration(text: string, at: number): HtmlToken {
    const end = text.indexOf('>', at);
    this.#open = end < 0 ? 'tag' : 'data';
    return { kind: 'comment', at, end: end < 0 ? text.length : end + 1 };
  }

  /** Reads the rest of a tag, starting after its name or after an attribute's value. */
  #readAttributes(text: string, from: number): HtmlTag {
    let at = from;
    while (at < text.length && text[at] !== '>') {
      if (/[\t\n\f\r /]/.test(text.charAt(at))) {
        at++;
        continue;
      }
      // An equals sign can begin an attribute's name.
      const nameEnd = findEnd(/[\t\n\f\r />=]/g, text, at + 1);
      this.#markNested(text.slice(at, nameEnd));
      const equals = findEnd(/[^\t\n\f\r ]/g, text, nameEnd);
      at = nameEnd;
      if (text[equals] !== '=') continue;
      at = findEnd(/[^\t\n\f\r ]/g, text, equals + 1);
      const quote = text[at];
      if (quote === '"' || quote === "'") return this.#readQuoted(text, at + 1, quote);
      const valueEnd = findEnd(/[\t\n\f\r >]/g, text, at);
      this.#markNested(text.slice(at, valueEnd));
      at = valueEnd;
    }
    this.#open = at < text.length ? 'data' : 'tag';
    return this.#endTag(Math.min(at + 1, text.length));
  }

  #readQuoted(text: string, from: number, quote: '"' | "'"): HtmlTag {
    const end = text.indexOf(quote, from);
    this.#markNested(text.slice(from, end < 0 ? undefined : end));
    if (end >= 0) return this.#readAttributes(text, end + 1);
    this.#open = quote === '"' ? 'double-quoted' : 'single-quoted';
    return this.#endTag(text.length);
  }

  #markNested(part: string): void {
    if (this.#tag && part.includes('<')) this.#tag.nested = true;
  }

  /** Returns the tag as read so far. */
  #endTag(end: number): HtmlTag {
    return { ...(this.#tag ?? noTag), end };
  }
}

const noTag: HtmlTag = { kind: 'end', name: '', at: 0, end: 0, nested: false };

/** Returns the offset of the first matching character from `from` on, or the end of the text. */
const findEnd = (end: RegExp, text: string, from: number): number => {
  end.lastIndex = from;
  return end.exec(text)?.index ?? text.length;
};

import { parseLabel, normalizeLabel, findResourceEnd } from './link.ts';
import { AmbiguousAutolinks } from './ambiguous-autolink.ts';
import { BacktickRuns } from './backtick-runs.ts';
import { InlineHtml } from './inline-html.ts';

/** The labels that the comment defines anywhere. Only these can be referenced. */
export type ReferenceLabels = { links: ReadonlySet<string>; footnotes: ReadonlySet<string> };

/**
 * A part of a paragraph that is not plain text; offsets into the paragraph, `end` excluded. `html`: a tag or similar; `comment`: an
 * HTML comment; `entity`: displayed as another character; `uncertain`: parsers disagree.
 */
export type InlineSpan = {
  start: number;
  end: number;
  kind: 'code' | 'html' | 'comment' | 'link' | 'entity' | 'uncertain';
};

type Opener = { start: number; end: number; image: boolean };

const special = /[\\`<[\]!&]|(?:https?|ftp):\/\/|www\./gi;
const autolink = /<(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*|[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9.-]+)>/y;
/** An entity by number or name. It also matches names that do not exist. */
const entity = /&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});/y;
const footnoteCall = /\[\^((?:\\[\\[\]]|\\(?![\\[\]])|[^\\[\]\s]){1,999})\]/y;

/** Finds code, HTML, link targets and images in one paragraph, from left to right. Linear in its length. */
export class InlineParser {
  readonly #text: string;
  readonly #references: ReferenceLabels;
  readonly #spans: InlineSpan[] = [];
  /** The open brackets. Among the first `#inactive`, only images can still be closed. */
  readonly #openers: Opener[] = [];
  #inactive = 0;
  readonly #runs: BacktickRuns;
  readonly #html: InlineHtml;
  readonly #autolinks: AmbiguousAutolinks;
  /** The offset from which the text is uncertain; set once. */
  #uncertainFrom: number | undefined;

  constructor(text: string, references: ReferenceLabels) {
    this.#text = text;
    this.#references = references;
    this.#runs = new BacktickRuns(text);
    this.#html = new InlineHtml(text);
    this.#autolinks = new AmbiguousAutolinks(text);
  }

  /** Returns the spans in order. They do not overlap, except that the uncertain span is the last and may cover others. */
  parse(): InlineSpan[] {
    const end = this.#text.length;
    for (let at = this.#findSpecial(0); at < end; at = this.#findSpecial(at)) at = this.#parseAt(at);
    return this.#uncertainFrom === undefined
      ? this.#spans
      : [...this.#spans, { start: this.#uncertainFrom, end, kind: 'uncertain' }];
  }

  #findSpecial(from: number): number {
    special.lastIndex = from;
    return special.exec(this.#text)?.index ?? this.#text.length;
  }

  /** Parses the text at `at` and returns the offset at which to continue. */
  #parseAt(at: number): number {
    switch (this.#text[at]) {
      case '\\':
        return at + (/[!-/:-@[-`{-~]/.test(this.#text.charAt(at + 1)) ? 2 : 1);
      case '`':
        return this.#parseCode(at);
      case '<':
        return this.#parseAngle(at);
      case '&':
        return this.#parseEntity(at);
      case '!':
        // A footnote is not an image.
        return /^\[(?!\^)/.test(this.#text.slice(at + 1, at + 3))
          ? this.#openBracket(at, at + 2, true)
          : at + 1;
      case '[':
        return this.#parseFootnote(at) ?? this.#openBracket(at, at + 1, false);
      case ']':
        return this.#closeBracket(at);
      default:
        this.#uncertainFrom ??= this.#autolinks.findAmbiguousFrom(at, this.#openers.length > 0);
        return at + 1;
    }
  }

  #addSpan(start: number, end: number, kind: InlineSpan['kind']): number {
    while ((this.#spans.at(-1)?.start ?? -1) >= start) this.#spans.pop();
    this.#spans.push({ start, end, kind });
    return end;
  }

  #parseCode(at: number): number {
    const { open, close } = this.#runs.findRun(at);
    return close === undefined ? open : this.#addSpan(at, close, 'code');
  }

  #parseAngle(at: number): number {
    autolink.lastIndex = at;
    const link = autolink.exec(this.#text);
    // Some parsers treat an address such as `<!--a@b.c>` as a comment.
    if (link?.[0].startsWith('<!')) this.#uncertainFrom ??= at;
    if (link) return at + link[0].length;
    const html = this.#html.parseAt(at);
    if (!html) return at + 1;
    if (html.disputed) this.#uncertainFrom ??= at;
    return this.#addSpan(at, html.end, this.#text.startsWith('<!--', at) ? 'comment' : 'html');
  }

  #parseEntity(at: number): number {
    entity.lastIndex = at;
    const found = entity.exec(this.#text);
    return found ? this.#addSpan(at, at + found[0].length, 'entity') : at + 1;
  }

  #parseFootnote(at: number): number | undefined {
    footnoteCall.lastIndex = at;
    const found = footnoteCall.exec(this.#text);
    const label = normalizeLabel(found?.[1] ?? '');
    // GitHub displays its number instead of its label.
    return found && label !== undefined && this.#references.footnotes.has(label)
      ? this.#addSpan(at, at + found[0].length, 'link')
      : undefined;
  }

  #openBracket(start: number, end: number, image: boolean): number {
    this.#openers.push({ start, end, image });
    return end;
  }

  #closeBracket(at: number): number {
    const opener = this.#openers.pop();
    const barred = opener !== undefined && !opener.image && this.#openers.length < this.#inactive;
    this.#inactive = Math.min(this.#inactive, this.#openers.length);
    const end = opener && !barred ? this.#findLinkEnd(opener, at) : undefined;
    if (!opener || end === undefined) return at + 1;
    if (opener.image) return this.#addSpan(opener.start, end, 'link');
    this.#inactive = this.#openers.length;
    // If a reference is its own label, only the brackets are hidden.
    return this.#addSpan(end > at + 1 ? at + 1 : at, end, 'link');
  }

  /** Returns the end of the link or image whose text ends at `at`; undefined if the brackets are plain text. */
  #findLinkEnd(opener: Opener, at: number): number | undefined {
    const resource = findResourceEnd(this.#text, at + 1);
    if (resource !== undefined) return resource;
    const full = parseLabel(this.#text, at + 1);
    if (full) return this.#references.links.has(full.label) ? full.end : undefined;
    const own = parseLabel(this.#text, opener.end - 1);
    if (own?.end !== at + 1 || !this.#references.links.has(own.label)) return undefined;
    return this.#text.startsWith('[]', at + 1) ? at + 3 : at + 1;
  }
}

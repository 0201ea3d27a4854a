import { parseLabel, normalizeLabel, findResourceEnd } from './link.ts';
import { AmbiguousAutolinks } from './ambiguous-autolink.ts';
import { BacktickRuns } from './backtick-runs.ts';
import { InlineHtml } from './inline-html.ts';

/** Labels that the comment defines, wherever: only these make a reference. */
export type ReferenceLabels = { links: ReadonlySet<string>; footnotes: ReadonlySet<string> };

/**
 * A part of a paragraph that is not plain text; offsets into the paragraph, `end` excluded. `html`: a tag or similar; `note`: an
 * HTML comment; `entity`: shown as another character; `doubt`: uncertain.
 */
export type InlineSpan = {
  start: number;
  end: number;
  kind: 'code' | 'html' | 'note' | 'link' | 'entity' | 'doubt';
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
  /** Brackets that wait for their closing one; the links among the first `#inactive` may not be links any more. */
  readonly #openers: Opener[] = [];
  #inactive = 0;
  readonly #runs: BacktickRuns;
  readonly #html: InlineHtml;
  readonly #addresses: AmbiguousAutolinks;
  /** From here on nobody can say; set once. */
  #doubt: number | undefined;

  constructor(text: string, references: ReferenceLabels) {
    this.#text = text;
    this.#references = references;
    this.#runs = new BacktickRuns(text);
    this.#html = new InlineHtml(text);
    this.#addresses = new AmbiguousAutolinks(text);
  }

  /** The spans in their order, none within another; what is in doubt is the last and may cover some. */
  parse(): InlineSpan[] {
    const end = this.#text.length;
    for (let at = this.#special(0); at < end; at = this.#special(at)) at = this.#step(at);
    return this.#doubt === undefined
      ? this.#spans
      : [...this.#spans, { start: this.#doubt, end, kind: 'doubt' }];
  }

  #special(from: number): number {
    special.lastIndex = from;
    return special.exec(this.#text)?.index ?? this.#text.length;
  }

  /** Reads what stands at `at` and returns where to go on. */
  #step(at: number): number {
    switch (this.#text[at]) {
      case '\\':
        return at + (/[!-/:-@[-`{-~]/.test(this.#text.charAt(at + 1)) ? 2 : 1);
      case '`':
        return this.#code(at);
      case '<':
        return this.#angle(at);
      case '&':
        return this.#entity(at);
      case '!':
        // A footnote is no image.
        return /^\[(?!\^)/.test(this.#text.slice(at + 1, at + 3)) ? this.#open(at, at + 2, true) : at + 1;
      case '[':
        return this.#footnote(at) ?? this.#open(at, at + 1, false);
      case ']':
        return this.#close(at);
      default:
        this.#doubt ??= this.#addresses.findAmbiguousFrom(at, this.#openers.length > 0);
        return at + 1;
    }
  }

  #span(start: number, end: number, kind: InlineSpan['kind']): number {
    while ((this.#spans.at(-1)?.start ?? -1) >= start) this.#spans.pop();
    this.#spans.push({ start, end, kind });
    return end;
  }

  #code(at: number): number {
    const { open, close } = this.#runs.findRun(at);
    return close === undefined ? open : this.#span(at, close, 'code');
  }

  #angle(at: number): number {
    autolink.lastIndex = at;
    const link = autolink.exec(this.#text);
    // An address such as `<!--a@b.c>` is a comment to some.
    if (link?.[0].startsWith('<!')) this.#doubt ??= at;
    if (link) return at + link[0].length;
    const html = this.#html.parseAt(at);
    if (!html) return at + 1;
    if (html.disputed) this.#doubt ??= at;
    return this.#span(at, html.end, this.#text.startsWith('<!--', at) ? 'note' : 'html');
  }

  #entity(at: number): number {
    entity.lastIndex = at;
    const found = entity.exec(this.#text);
    return found ? this.#span(at, at + found[0].length, 'entity') : at + 1;
  }

  #footnote(at: number): number | undefined {
    footnoteCall.lastIndex = at;
    const found = footnoteCall.exec(this.#text);
    const label = normalizeLabel(found?.[1] ?? '');
    // GitHub shows its number instead of its label.
    return found && label !== undefined && this.#references.footnotes.has(label)
      ? this.#span(at, at + found[0].length, 'link')
      : undefined;
  }

  #open(start: number, end: number, image: boolean): number {
    this.#openers.push({ start, end, image });
    return end;
  }

  #close(at: number): number {
    const opener = this.#openers.pop();
    const barred = opener !== undefined && !opener.image && this.#openers.length < this.#inactive;
    this.#inactive = Math.min(this.#inactive, this.#openers.length);
    const end = opener && !barred ? this.#linkEnd(opener, at) : undefined;
    if (!opener || end === undefined) return at + 1;
    if (opener.image) return this.#span(opener.start, end, 'link');
    this.#inactive = this.#openers.length;
    // If a reference is its own label, only the brackets are hidden.
    return this.#span(end > at + 1 ? at + 1 : at, end, 'link');
  }

  /** Where the link or image ends whose text ends at `at`; undefined if the brackets are only brackets. */
  #linkEnd(opener: Opener, at: number): number | undefined {
    const resource = findResourceEnd(this.#text, at + 1);
    if (resource !== undefined) return resource;
    const full = parseLabel(this.#text, at + 1);
    if (full) return this.#references.links.has(full.label) ? full.end : undefined;
    const own = parseLabel(this.#text, opener.end - 1);
    if (own?.end !== at + 1 || !this.#references.links.has(own.label)) return undefined;
    return this.#text.startsWith('[]', at + 1) ? at + 3 : at + 1;
  }
}

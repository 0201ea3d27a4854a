import { labelAt, normalLabel, resourceEnd } from './link.ts';
import { tag } from './html-block.ts';

/** Labels that the comment defines, wherever: only these make a reference. */
export type References = { links: ReadonlySet<string>; footnotes: ReadonlySet<string> };

/** A part of a paragraph that is no plain text; offsets into the paragraph, `end` excluded. `doubt`: nobody can say. */
export type Span = { start: number; end: number; kind: 'code' | 'html' | 'link' | 'doubt' };

type Opener = { start: number; end: number; image: boolean };

const special = /[\\`<[\]!]|(?:https?|ftp):\/\/|www\./gi;
const autolink = /<(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*|[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9.-]+)>/y;
const htmlTag = new RegExp(tag, 'y');
const footnoteCall = /\[\^((?:\\[\\[\]]|\\(?![\\[\]])|[^\\[\]\s]){1,999})\]/y;
const bareLink = /[^\s<]*/y;
/** What opens and closes inline HTML that is no tag, in the order in which to try. */
const declarations = [
  ['<!-->', ''],
  ['<!--->', ''],
  ['<!--', '-->'],
  ['<?', '?>'],
  ['<![CDATA[', ']]>'],
  ['<!', '>'],
] as const;

/** Finds code, HTML, link targets and images in one paragraph, from left to right. Linear in its length. */
export class InlineReader {
  readonly #text: string;
  readonly #references: References;
  readonly #spans: Span[] = [];
  /** Brackets that wait for their closing one; the links among the first `#inactive` may not be links any more. */
  readonly #openers: Opener[] = [];
  #inactive = 0;
  /** Where runs of backticks stand, by length, those behind us removed as we ask. */
  readonly #runs = new Map<number, number[]>();
  /** From here on nobody can say; set once. */
  #doubt: number | undefined;
  /** The last backtick, and the last `](` or `][`; -1 without any. */
  readonly #lastTick: number;
  readonly #lastTail: number;
  /** Where the last address without brackets ends. */
  #addressEnd = 0;
  /** The next place of a closing text, as last looked up. */
  readonly #closings = new Map<string, number>();

  constructor(text: string, references: References) {
    this.#text = text;
    this.#references = references;
    this.#lastTick = text.lastIndexOf('`');
    this.#lastTail = Math.max(text.lastIndexOf(']('), text.lastIndexOf(']['));
    for (const run of [...text.matchAll(/`+/g)].toReversed()) {
      const places = this.#runs.get(run[0].length);
      if (places) places.push(run.index);
      else this.#runs.set(run[0].length, [run.index]);
    }
  }

  /** The spans in their order, none within another; what is in doubt is the last and may cover some. */
  read(): Span[] {
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
      case '!':
        return this.#text[at + 1] === '[' ? this.#open(at, at + 2, true) : at + 1;
      case '[':
        return this.#footnote(at) ?? this.#open(at, at + 1, false);
      case ']':
        return this.#close(at);
      default:
        return this.#bareLink(at);
    }
  }

  #span(start: number, end: number, kind: Span['kind']): number {
    while ((this.#spans.at(-1)?.start ?? -1) >= start) this.#spans.pop();
    this.#spans.push({ start, end, kind });
    return end;
  }

  #code(at: number): number {
    let open = at;
    while (this.#text[open] === '`') open++;
    const places = this.#runs.get(open - at) ?? [];
    while (places.length > 0 && (places.at(-1) ?? 0) < open) places.pop();
    const close = places.at(-1);
    return close === undefined ? open : this.#span(at, close + open - at, 'code');
  }

  #angle(at: number): number {
    autolink.lastIndex = at;
    const link = autolink.exec(this.#text);
    // An address such as `<!--a@b.c>` is a comment to some.
    if (link?.[0].startsWith('<!')) this.#doubt ??= at;
    if (link) return at + link[0].length;
    htmlTag.lastIndex = at;
    const found = htmlTag.exec(this.#text);
    if (found) return this.#span(at, at + found[0].length, 'html');
    const kind = declarations.find(([open]) => this.#text.startsWith(open, at));
    if (!kind || (kind[0] === '<!' && !/[A-Za-z]/.test(this.#text.charAt(at + 2)))) return at + 1;
    const close = this.#next(kind[1], at + kind[0].length);
    return close < 0 ? at + 1 : this.#span(at, close + kind[1].length, 'html');
  }

  /** The first place of `closing` from `from` on, or -1. Asked with ever larger `from`, it reads the text once. */
  #next(closing: string, from: number): number {
    const known = this.#closings.get(closing);
    if (known !== undefined && (known < 0 || known >= from)) return known;
    const place = this.#text.indexOf(closing, from);
    this.#closings.set(closing, place);
    return place;
  }

  #footnote(at: number): number | undefined {
    footnoteCall.lastIndex = at;
    const found = footnoteCall.exec(this.#text);
    const label = normalLabel(found?.[1] ?? '');
    return found && label !== undefined && this.#references.footnotes.has(label)
      ? at + found[0].length
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
    return end > at + 1 ? this.#span(at + 1, end, 'link') : end;
  }

  /** Where the link or image ends whose text ends at `at`; undefined if the brackets are only brackets. */
  #linkEnd(opener: Opener, at: number): number | undefined {
    const resource = resourceEnd(this.#text, at + 1);
    if (resource !== undefined) return resource;
    const full = labelAt(this.#text, at + 1);
    if (full) return this.#references.links.has(full.label) ? full.end : undefined;
    const own = labelAt(this.#text, opener.end - 1);
    if (own?.end !== at + 1 || !this.#references.links.has(own.label)) return undefined;
    return this.#text.startsWith('[]', at + 1) ? at + 3 : at + 1;
  }

  /**
   * An address without brackets. Parsers disagree on how much of what follows belongs to it: where that matters, the
   * paragraph's further lines are in doubt, and the rest of this one too if it may hide something.
   */
  #bareLink(at: number): number {
    if (at < this.#addressEnd) return at + 1;
    bareLink.lastIndex = at;
    const address = bareLink.exec(this.#text)?.[0] ?? '';
    this.#addressEnd = at + address.length;
    if (this.#doubt !== undefined) return at + 1;
    // To some the backslash belongs to the address, and escapes nothing.
    if (address.endsWith('\\') && this.#text[this.#addressEnd] === '<') this.#doubt = at;
    if (!this.#matters(address, at)) return at + 1;
    const newline = this.#text.indexOf('\n', at);
    const lineEnd = newline < 0 ? this.#text.length : newline;
    this.#doubt ??= this.#mayHide(this.#text.slice(at, lineEnd)) ? at : lineEnd;
    return at + 1;
  }

  /** Whether it makes a difference later how much of an address belongs to a link. */
  #matters(address: string, at: number): boolean {
    const code = address.includes('`') && this.#lastTick >= this.#addressEnd;
    return code || (address.includes('[') && this.#lastTail > at);
  }

  /** Whether there may be HTML or a link's target in the rest of a line. */
  #mayHide(rest: string): boolean {
    const bracket = this.#openers.length > 0 ? 0 : rest.search(/(?<!\\)\[/);
    return /(?<!\\)</.test(rest) || (bracket >= 0 && rest.lastIndexOf('](') > bracket);
  }
}

import { tag } from './html-block.ts';

const htmlTag = new RegExp(tag, 'y');
/** How HTML other than tags opens and closes, in the order in which to try. */
const declarations = [
  ['<!-->', ''],
  ['<!--->', ''],
  ['<!--', '-->'],
  ['<?', '?>'],
  ['<![CDATA[', ']]>'],
  ['<!', '>'],
] as const;

/** Returns whether versions of CommonMark disagree that this is HTML, as they do except for tags and simple comments. */
const isDisputed = (html: string): boolean => {
  if (!/^<[!?]/.test(html)) return false;
  const inner = html.slice('<!--'.length, -'-->'.length);
  return !html.startsWith('<!--') || html.length < 7 || /^-?>|--|-$/.test(inner);
};

/** Finds HTML in the text of a paragraph. Must be called with increasing offsets, so that it reads the text once. */
export class InlineHtml {
  readonly #text: string;
  /** The next offset of each closing text, as last searched. */
  readonly #closings = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
  }

  /** Returns the end of the HTML that begins at `at`, and whether parsers disagree about it; undefined if there is no HTML. */
  parseAt(at: number): { end: number; disputed: boolean } | undefined {
    const end = this.#findEnd(at);
    return end === undefined ? undefined : { end, disputed: isDisputed(this.#text.slice(at, end)) };
  }

  #findEnd(at: number): number | undefined {
    htmlTag.lastIndex = at;
    const found = htmlTag.exec(this.#text);
    if (found) return at + found[0].length;
    const kind = declarations.find(([open]) => this.#text.startsWith(open, at));
    if (!kind || (kind[0] === '<!' && !/[A-Za-z]/.test(this.#text.charAt(at + 2)))) return undefined;
    const close = this.#findNext(kind[1], at + kind[0].length);
    return close < 0 ? undefined : close + kind[1].length;
  }

  /** Returns the offset of `closing` from `from` on, or -1. */
  #findNext(closing: string, from: number): number {
    const known = this.#closings.get(closing);
    if (known !== undefined && (known < 0 || known >= from)) return known;
    const offset = this.#text.indexOf(closing, from);
    this.#closings.set(closing, offset);
    return offset;
  }
}

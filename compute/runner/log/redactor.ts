import { getSecretEncodings } from '../../../runtime/secret-encodings.ts';

const mark = '[redacted]';
/** Secret parameters are declared as such, so even short values are masked, but not in all encodings. */
const minLengths = { value: 1, derived: 4 };
/** A SAS signature has at most about 130 characters; the bound limits how much is held back. */
const signature = /sig(?:=|%3d)[^&"'\s\\]{1,400}/gi;
/** A signature, or the beginning of one, that more output can continue. */
const unfinishedSignature = /(?:s|si|sig|sig%|sig%3|sig(?:=|%3d)[^&"'\s\\]{0,399})$/i;
/** The maximum length of a match of `unfinishedSignature`. */
const maxUnfinishedLength = 410;

type Span = { from: number; to: number };

/**
 * Masks secrets in a stream of bytes, wherever its chunks are cut: the end of a chunk is held back while a secret can begin there.
 * Overlapping secrets are masked as one.
 */
export class Redactor {
  readonly #encodings: readonly string[];
  /** The text that is held back, one character per byte. */
  #rest = '';
  /** The length of the start of the rest that belongs to a secret whose mark was already emitted. */
  #covered = 0;

  /** @param values the secrets, which are also found in their usual encodings */
  constructor(values: readonly string[]) {
    this.#encodings = getSecretEncodings(values, minLengths).map((form) =>
      Buffer.from(form).toString('latin1'),
    );
  }

  /** Adds a chunk, and returns the part of the stream that can be shown now. */
  push(chunk: Uint8Array): Buffer {
    const text =
      this.#rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    return this.#emit(text, this.#findHoldback(text));
  }

  /** Returns what was held back, at the end of the stream. */
  end(): Buffer {
    return this.#emit(this.#rest, this.#rest.length);
  }

  /**
   * Masks a whole text, between two streams.
   * @param isWhole false for the beginning of a text, whose end is left out if a secret can begin there
   */
  mask(text: Uint8Array, isWhole = true): Buffer {
    const shown = this.push(text);
    const end = this.end();
    return isWhole ? Buffer.concat([shown, end]) : shown;
  }

  #emit(text: string, end: number): Buffer {
    let shown = '';
    let at = this.#covered;
    for (const { from, to } of this.#findSpans(text)) {
      if (from >= end) break;
      // The mark of a span that continues from earlier text was already emitted.
      const isContinued = from === 0 && this.#covered > 0;
      shown += text.slice(at, from) + (isContinued ? '' : mark);
      at = to;
    }
    shown += text.slice(at, Math.max(at, end));
    this.#covered = Math.max(0, at - end);
    this.#rest = text.slice(end);
    return Buffer.from(shown, 'latin1');
  }

  /** Returns the ranges of secrets, in order; overlapping ones are merged. */
  #findSpans(text: string): Span[] {
    const found = [
      ...findMatches(text, signature),
      ...this.#encodings.flatMap((form) => findOccurrences(text, form)),
    ];
    if (this.#covered > 0) found.push({ from: 0, to: this.#covered });
    return found.sort((a, b) => a.from - b.from).reduce<Span[]>(mergeSpan, []);
  }

  /** Returns the first offset at which an incomplete secret can begin. */
  #findHoldback(text: string): number {
    const reach = Math.max(0, text.length - maxUnfinishedLength);
    const unfinished = unfinishedSignature.exec(text.slice(reach));
    return Math.min(
      unfinished ? reach + unfinished.index : text.length,
      ...this.#encodings.map((form) => findPartialMatch(text, form)),
    );
  }
}

const mergeSpan = (spans: Span[], next: Span): Span[] => {
  const last = spans.at(-1);
  if (last && next.from < last.to) last.to = Math.max(last.to, next.to);
  else spans.push(next);
  return spans;
};

const findMatches = (text: string, pattern: RegExp): Span[] =>
  [...text.matchAll(pattern)].map((match) => ({ from: match.index, to: match.index + match[0].length }));

const findOccurrences = (text: string, form: string): Span[] => {
  const found: Span[] = [];
  for (let from = text.indexOf(form); from >= 0; from = text.indexOf(form, from + 1))
    found.push({ from, to: from + form.length });
  return found;
};

/** Returns the first offset from which the rest of the text is the start of the form, but not all of it; otherwise the text's length. */
const findPartialMatch = (text: string, form: string): number => {
  const first = form[0] ?? '';
  const reach = Math.max(0, text.length - form.length + 1);
  for (let from = text.indexOf(first, reach); from >= 0; from = text.indexOf(first, from + 1)) {
    if (form.startsWith(text.slice(from))) return from;
  }
  return text.length;
};

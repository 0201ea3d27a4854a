import { getSecretEncodings } from '../../../runtime/secret-encodings.ts';

const mark = '[redacted]';
/** Secret parameters are declared as such, so even short values are masked, but not in all encodings. */
const minLengths = { value: 1, derived: 4 };
/** A SAS signature has at most some 130 characters; the bound keeps what is held back small. */
const signature = /sig(?:=|%3d)[^&"'\s\\]{1,400}/gi;
/** A signature that more output may make longer, or begin. */
const unfinishedSignature = /(?:s|si|sig|sig%|sig%3|sig(?:=|%3d)[^&"'\s\\]{0,399})$/i;
/** The end of the text in which `unfinishedSignature` can lie. */
const maxUnfinishedLength = 410;

type Span = { from: number; to: number };

/**
 * Masks secrets in a stream of bytes, wherever its chunks are cut: the end of a chunk is held back as long as a secret may
 * begin there. Every place that any secret covers is masked, also where two of them overlap.
 */
export class Redactor {
  readonly #encodings: readonly string[];
  /** Held back, a character a byte. */
  #rest = '';
  /** So much of the rest belongs to a secret whose mark has been put out. */
  #covered = 0;

  /** @param values the secrets; they are found in their usual encodings too */
  constructor(values: readonly string[]) {
    this.#encodings = getSecretEncodings(values, minLengths).map((form) =>
      Buffer.from(form).toString('latin1'),
    );
  }

  /** What of the stream can be shown, now that `chunk` has come. */
  push(chunk: Uint8Array): Buffer {
    const text =
      this.#rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    return this.#emit(text, this.#findHoldback(text));
  }

  /** What was held back, at the stream's end. */
  end(): Buffer {
    return this.#emit(this.#rest, this.#rest.length);
  }

  #emit(text: string, end: number): Buffer {
    let shown = '';
    let at = this.#covered;
    for (const { from, to } of this.#findSpans(text)) {
      if (from >= end) break;
      // A span from 0 that goes on from an earlier one has its mark already.
      const goesOn = from === 0 && this.#covered > 0;
      shown += text.slice(at, from) + (goesOn ? '' : mark);
      at = to;
    }
    shown += text.slice(at, Math.max(at, end));
    this.#covered = Math.max(0, at - end);
    this.#rest = text.slice(end);
    return Buffer.from(shown, 'latin1');
  }

  /** Where secrets stand, in order; those that overlap are one. */
  #findSpans(text: string): Span[] {
    const found = [
      ...findMatches(text, signature),
      ...this.#encodings.flatMap((form) => findOccurrences(text, form)),
    ];
    if (this.#covered > 0) found.push({ from: 0, to: this.#covered });
    return found.sort((a, b) => a.from - b.from).reduce<Span[]>(mergeSpan, []);
  }

  /** The first place at which a secret may begin that is not complete yet. */
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

/** Where the end of the text is a proper beginning of the form; the text's length if nowhere. */
const findPartialMatch = (text: string, form: string): number => {
  const first = form[0] ?? '';
  const reach = Math.max(0, text.length - form.length + 1);
  for (let from = text.indexOf(first, reach); from >= 0; from = text.indexOf(first, from + 1)) {
    if (form.startsWith(text.slice(from))) return from;
  }
  return text.length;
};

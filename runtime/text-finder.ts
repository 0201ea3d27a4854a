/** So many characters are looked at together. */
const blockLength = 3;

/**
 * Finds any of many texts in another text, and looks at few of its characters: the algorithm of Wu and Manber (A fast algorithm for
 * multi-pattern searching, 1994). A window of the shortest text's length moves over the text. Its last three characters say how far it
 * may move on, as no text has them any nearer to its beginning. One regular expression of all texts is far slower: it tries each.
 */
export class TextFinder {
  /** All texts are at least this long. */
  readonly #length: number;
  /** Texts by their beginning, longest first; each with how often it was added. */
  readonly #byBeginning = new Map<string, { text: string; count: number }[]>();
  /** How far the window may move, by the hash of its last characters. */
  readonly #moves: Uint8Array;

  /** @param length the length of the shortest text, from 3 to 255 */
  constructor(length: number) {
    this.#length = length;
    this.#moves = new Uint8Array(65_536).fill(this.#farthest);
  }

  get #farthest(): number {
    return this.#length - blockLength + 1;
  }

  /** A text is found until it was removed as often as it was added. */
  add(text: string): void {
    const beginning = text.slice(0, this.#length);
    const alike = this.#byBeginning.get(beginning) ?? [];
    const same = alike.find((entry) => entry.text === text);
    if (same) same.count += 1;
    else alike.push({ text, count: 1 });
    alike.sort((a, b) => b.text.length - a.text.length);
    this.#byBeginning.set(beginning, alike);
    this.#shorten(beginning);
  }

  remove(text: string): void {
    const beginning = text.slice(0, this.#length);
    const left = (this.#byBeginning.get(beginning) ?? [])
      .map((entry) => (entry.text === text ? { text, count: entry.count - 1 } : entry))
      .filter(({ count }) => count > 0);
    if (left.length > 0) this.#byBeginning.set(beginning, left);
    else this.#byBeginning.delete(beginning);
    this.#moves.fill(this.#farthest);
    for (const other of this.#byBeginning.keys()) this.#shorten(other);
  }

  /** Lets the window not move past a text of this beginning. */
  #shorten(beginning: string): void {
    for (let at = 0; at < this.#farthest; at += 1) {
      const hash = hashOf(beginning, at);
      this.#moves[hash] = Math.min(this.#moves[hash]!, this.#farthest - 1 - at);
    }
  }

  /** Returns `text` with a mark for each stretch that the texts cover; those that overlap have one. */
  replace(text: string, mark: string): string {
    const moves = this.#moves;
    const last = text.length - this.#length;
    let shown = '';
    /** Up to here it is shown, or covered. */
    let done = 0;
    for (let at = 0; at <= last;) {
      const move = moves[hashOf(text, at + this.#length - blockLength)]!;
      if (move > 0) {
        at += move;
        continue;
      }
      const end = at + this.#lengthAt(text, at);
      if (end > at && at >= done) shown += text.slice(done, at) + mark;
      done = end > at ? Math.max(done, end) : done;
      at += 1;
    }
    return done === 0 ? text : shown + text.slice(done);
  }

  /** The length of the longest text here; 0 if there is none. */
  #lengthAt(text: string, at: number): number {
    const alike = this.#byBeginning.get(text.slice(at, at + this.#length));
    return alike?.find((entry) => text.startsWith(entry.text, at))?.text.length ?? 0;
  }
}

const hashOf = (text: string, at: number): number =>
  ((text.charCodeAt(at) << 10) ^ (text.charCodeAt(at + 1) << 5) ^ text.charCodeAt(at + 2)) & 0xffff;

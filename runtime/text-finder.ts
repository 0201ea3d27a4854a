/** The number of characters that are hashed together. */
const blockLength = 3;

/**
 * Finds any of many texts in another text while reading only some of its characters, with the algorithm of Wu and Manber (A fast
 * algorithm for multi-pattern searching, 1994). A window with the length of the shortest text moves over the text. Its last three
 * characters determine how far it can move, because no text has them closer to its start. One regular expression of all texts would
 * be far slower, because it tries each of them.
 */
export class TextFinder {
  /** The minimum length of all texts. */
  readonly #length: number;
  /** Texts by their first characters, longest first; each with the number of times it was added. */
  readonly #byBeginning = new Map<string, { text: string; count: number }[]>();
  /** How far the window can move, by the hash of its last characters. */
  readonly #moves: Uint8Array;

  /** @param length the length of the shortest text, from 3 to 255 */
  constructor(length: number) {
    this.#length = length;
    this.#moves = new Uint8Array(65_536).fill(this.#maxMove);
  }

  get #maxMove(): number {
    return this.#length - blockLength + 1;
  }

  /** Adds a text. It is found until it was removed as often as it was added. */
  add(text: string): void {
    const beginning = text.slice(0, this.#length);
    const alike = this.#byBeginning.get(beginning) ?? [];
    const same = alike.find((entry) => entry.text === text);
    if (same) same.count += 1;
    else alike.push({ text, count: 1 });
    alike.sort((a, b) => b.text.length - a.text.length);
    this.#byBeginning.set(beginning, alike);
    this.#limitMoves(beginning);
  }

  /** Removes a text once. */
  remove(text: string): void {
    const beginning = text.slice(0, this.#length);
    const left = (this.#byBeginning.get(beginning) ?? [])
      .map((entry) => (entry.text === text ? { text, count: entry.count - 1 } : entry))
      .filter(({ count }) => count > 0);
    if (left.length > 0) this.#byBeginning.set(beginning, left);
    else this.#byBeginning.delete(beginning);
    this.#moves.fill(this.#maxMove);
    for (const other of this.#byBeginning.keys()) this.#limitMoves(other);
  }

  /** Keeps the window from moving past a text with these first characters. */
  #limitMoves(beginning: string): void {
    for (let at = 0; at < this.#maxMove; at += 1) {
      const hash = hashAt(beginning, at);
      this.#moves[hash] = Math.min(this.#moves[hash]!, this.#maxMove - 1 - at);
    }
  }

  /** Returns `text` with a mark for each range that the texts cover; overlapping ranges share one mark. */
  replace(text: string, mark: string): string {
    const moves = this.#moves;
    const last = text.length - this.#length;
    let shown = '';
    /** The end of the text that was copied or covered. */
    let done = 0;
    for (let at = 0; at <= last;) {
      const move = moves[hashAt(text, at + this.#length - blockLength)]!;
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

  /** Returns the length of the longest text at an offset; 0 if there is none. */
  #lengthAt(text: string, at: number): number {
    const alike = this.#byBeginning.get(text.slice(at, at + this.#length));
    return alike?.find((entry) => text.startsWith(entry.text, at))?.text.length ?? 0;
  }
}

const hashAt = (text: string, at: number): number =>
  ((text.charCodeAt(at) << 10) ^ (text.charCodeAt(at + 1) << 5) ^ text.charCodeAt(at + 2)) & 0xffff;

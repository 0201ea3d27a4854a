/** The runs of backticks in a paragraph. Must be called with increasing offsets, so that it visits each run once. */
export class BacktickRuns {
  readonly #text: string;
  /** The offsets of the runs by length, in descending order. Offsets that have been passed are removed. */
  readonly #offsets = new Map<number, number[]>();

  constructor(text: string) {
    this.#text = text;
    for (const run of [...text.matchAll(/`+/g)].toReversed()) {
      const offsets = this.#offsets.get(run[0].length);
      if (offsets) offsets.push(run.index);
      else this.#offsets.set(run[0].length, [run.index]);
    }
  }

  /** Returns the end of the run at `at` (`open`), and the end of the code that it opens, if another run closes it (`close`). */
  findRun(at: number): { open: number; close: number | undefined } {
    let open = at;
    while (this.#text[open] === '`') open++;
    const offsets = this.#offsets.get(open - at) ?? [];
    while (offsets.length > 0 && (offsets.at(-1) ?? 0) < open) offsets.pop();
    const next = offsets.at(-1);
    return { open, close: next === undefined ? undefined : next + open - at };
  }
}

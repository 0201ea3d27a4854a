/** The runs of backticks in a paragraph. Asked with ever larger places, it looks at each of them once. */
export class BacktickRuns {
  readonly #text: string;
  /** Where they stand, by length, the last first; those behind us are removed as we ask. */
  readonly #places = new Map<number, number[]>();

  constructor(text: string) {
    this.#text = text;
    for (const run of [...text.matchAll(/`+/g)].toReversed()) {
      const places = this.#places.get(run[0].length);
      if (places) places.push(run.index);
      else this.#places.set(run[0].length, [run.index]);
    }
  }

  /** The run at `at`: where it ends (`open`), and where the code that it opens ends, if another run closes it (`close`). */
  findRun(at: number): { open: number; close: number | undefined } {
    let open = at;
    while (this.#text[open] === '`') open++;
    const places = this.#places.get(open - at) ?? [];
    while (places.length > 0 && (places.at(-1) ?? 0) < open) places.pop();
    const next = places.at(-1);
    return { open, close: next === undefined ? undefined : next + open - at };
  }
}

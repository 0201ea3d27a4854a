import * as v from 'valibot';

const BlocksDone = v.object({ blocks: v.array(v.number()) });

/** The data of a `BlocksDone` event: the blocks it names; none if it has another form. */
export const parseBlocksDone = (data: unknown): number[] => {
  const read = v.safeParse(BlocksDone, data);
  return read.success ? read.output.blocks : [];
};

/** Blocks of a batch that are believed to have an output. Events add to them, a listing corrects them. */
export class SeenBlocks {
  readonly #all: ReadonlySet<number>;
  #seen = new Set<number>();
  #countAtLastListing = 0;

  constructor(blocks: readonly number[]) {
    this.#all = new Set(blocks);
  }

  get count(): number {
    return this.#seen.size;
  }

  get complete(): boolean {
    return this.#seen.size === this.#all.size;
  }

  /** Adds blocks that an event names; false if it names nothing new. */
  add(blocks: readonly number[]): boolean {
    const before = this.#seen.size;
    for (const block of blocks) if (this.#all.has(block)) this.#seen.add(block);
    return this.#seen.size > before;
  }

  /** Takes over what a listing found. `lost`: blocks believed to have an output that is not there. */
  reconcile(outputs: readonly number[]): { lost: boolean; grown: boolean } {
    const found = new Set(outputs);
    const lost = [...this.#seen].some((block) => !found.has(block));
    this.#seen = found;
    const grown = found.size > this.#countAtLastListing;
    this.#countAtLastListing = found.size;
    return { lost, grown };
  }

  /** Forgets blocks whose output turned out not to be there. */
  remove(blocks: readonly number[]): void {
    for (const block of blocks) this.#seen.delete(block);
  }
}

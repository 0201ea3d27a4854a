import * as v from 'valibot';

const BlocksDone = v.object({ blocks: v.array(v.number()) });

/** Returns the blocks that the data of a `BlocksDone` event names; none if the data is invalid. */
export const parseBlocksDone = (data: unknown): number[] => {
  const read = v.safeParse(BlocksDone, data);
  return read.success ? read.output.blocks : [];
};

/** The blocks of a batch that seem to have an output. Events add blocks; a listing corrects them. */
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

  /** Adds blocks that an event names. Returns whether one of them is new. */
  add(blocks: readonly number[]): boolean {
    const before = this.#seen.size;
    for (const block of blocks) if (this.#all.has(block)) this.#seen.add(block);
    return this.#seen.size > before;
  }

  /**
   * Replaces the blocks by those of a listing. `lost`: a block that seemed to have an output has none. `grown`: the listing has more
   * blocks than the one before.
   */
  reconcile(outputs: readonly number[]): { lost: boolean; grown: boolean } {
    const found = new Set(outputs);
    const lost = [...this.#seen].some((block) => !found.has(block));
    this.#seen = found;
    const grown = found.size > this.#countAtLastListing;
    this.#countAtLastListing = found.size;
    return { lost, grown };
  }

  /** Removes blocks whose output is missing. */
  remove(blocks: readonly number[]): void {
    for (const block of blocks) this.#seen.delete(block);
  }
}

const blockBytes = 64 * 1024;

/** Bytes in the order in which they came, in blocks: many small writes cost no more than a few large ones. */
export class ByteBuffer {
  #blocks: Buffer[] = [];
  /** Bytes in the last block. */
  #filled = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length;) {
      if (this.#blocks.length === 0 || this.#filled === blockBytes) {
        this.#blocks.push(Buffer.allocUnsafe(blockBytes));
        this.#filled = 0;
      }
      const part = bytes.subarray(from, from + blockBytes - this.#filled);
      this.#blocks.at(-1)?.set(part, this.#filled);
      this.#filled += part.length;
      from += part.length;
    }
    this.#size += bytes.length;
  }

  /** Drops blocks from the front as long as at least `bytes` are left; returns how many bytes went. */
  trimFront(bytes: number): number {
    const before = this.#size;
    while (this.#size - blockBytes >= bytes && this.#blocks.length > 1) {
      this.#blocks.shift();
      this.#size -= blockBytes;
    }
    return before - this.#size;
  }

  /** Takes all. */
  drain(): Buffer {
    const all = Buffer.concat(this.#blocks, this.#size);
    this.#blocks = [];
    this.#filled = 0;
    this.#size = 0;
    return all;
  }
}

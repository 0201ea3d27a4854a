const blockBytes = 64 * 1024;

/** A first-in, first-out buffer of bytes in blocks, so that many small writes cost no more than a few large ones. */
export class ByteBuffer {
  #blocks: Buffer[] = [];
  /** The number of bytes in the last block. */
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

  /** Drops blocks from the front while at least `bytes` are left. Returns the number of dropped bytes. */
  trimFront(bytes: number): number {
    const before = this.#size;
    while (this.#size - blockBytes >= bytes && this.#blocks.length > 1) {
      this.#blocks.shift();
      this.#size -= blockBytes;
    }
    return before - this.#size;
  }

  /** Removes and returns all bytes. */
  drain(): Buffer {
    const all = Buffer.concat(this.#blocks, this.#size);
    this.#blocks = [];
    this.#filled = 0;
    this.#size = 0;
    return all;
  }
}

import { ByteBuffer } from './byte-buffer.ts';

/** Head, tail and the line between them stay within 10 MB. */
const maxHeadBytes = 5_000_000;
const minTailBytes = 4_900_000;

/** What is kept of a log of any length: its head, which can be taken while it grows, and its tail. */
export class HeadTailBuffer {
  readonly #head = new ByteBuffer();
  readonly #tail = new ByteBuffer();
  #headFree = maxHeadBytes;
  #omitted = 0;

  add(bytes: Uint8Array): void {
    const head = bytes.subarray(0, this.#headFree);
    this.#headFree -= head.length;
    this.#head.add(head);
    this.#tail.add(bytes.subarray(head.length));
    this.#omitted += this.#tail.trimFront(minTailBytes);
  }

  /** What of the head has come since the last call. */
  takeHead(): Buffer {
    return this.#head.drain();
  }

  /** All that has not been taken, at the log's end: with a line that says how much is left out, if anything is. */
  takeRest(): Buffer {
    const head = this.#head.drain();
    const tail = this.#tail.drain();
    if (this.#omitted === 0) return Buffer.concat([head, tail]);
    const cut = findLineStart(tail);
    return Buffer.concat([head, formatOmission(this.#omitted + cut), tail.subarray(cut)]);
  }
}

/** Where the first whole line begins, if one begins soon. */
const findLineStart = (bytes: Buffer): number => bytes.subarray(0, 4_096).indexOf('\n') + 1;

const formatOmission = (bytes: number): Buffer => Buffer.from(`\n[… ${bytes} bytes left out …]\n`);

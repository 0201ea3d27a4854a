import { ByteBuffer } from './byte-buffer.ts';

/** Head, tail and the line between them have at most 10 MB. */
const maxHeadBytes = 5_000_000;
const minTailBytes = 4_900_000;

/** Keeps the head and the tail of a log of any length. The head can be taken while the log grows. */
export class HeadTailBuffer {
  readonly #head = new ByteBuffer();
  readonly #tail = new ByteBuffer();
  #headFree = maxHeadBytes;
  #omitted = 0;
  #isHeadTaken = false;

  add(bytes: Uint8Array): void {
    const head = bytes.subarray(0, this.#headFree);
    this.#headFree -= head.length;
    this.#head.add(head);
    this.#tail.add(bytes.subarray(head.length));
    this.#omitted += this.#tail.trimFront(minTailBytes);
  }

  /** Returns the bytes of the head since the last call; after its last byte, with a line for readers who wait for more. */
  takeHead(): Buffer {
    const head = this.#head.drain();
    if (this.#headFree > 0 || this.#isHeadTaken) return head;
    this.#isHeadTaken = true;
    return Buffer.concat([head, headEnd]);
  }

  /** Returns all remaining bytes at the end of the log, with a line that states how many bytes were left out, if any. */
  takeRest(): Buffer {
    const head = this.#head.drain();
    const tail = this.#tail.drain();
    if (this.#omitted === 0) return Buffer.concat([head, tail]);
    const cut = findLineStart(tail);
    return Buffer.concat([head, formatOmission(this.#omitted + cut), tail.subarray(cut)]);
  }
}

const headEnd = Buffer.from(
  '\n[… The log has reached 5 MB. Its end, of at most 4.9 MB, follows when the script ends …]\n',
);

/** Returns the offset of the first whole line near the start; 0 if there is none. */
const findLineStart = (bytes: Buffer): number => bytes.subarray(0, 4_096).indexOf('\n') + 1;

const formatOmission = (bytes: number): Buffer => Buffer.from(`\n[… ${bytes} bytes left out …]\n`);

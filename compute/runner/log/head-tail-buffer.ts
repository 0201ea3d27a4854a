import { ByteQueue } from './byte-buffer.ts';

/** Head, tail and the line between them stay within 10 MB. */
const headBytes = 5_000_000;
const tailBytes = 4_900_000;

/** What is kept of a log of any length: its head, which can be taken while it grows, and its tail. */
export class LogWindow {
  readonly #head = new ByteQueue();
  readonly #tail = new ByteQueue();
  #headRoom = headBytes;
  #leftOut = 0;

  add(bytes: Uint8Array): void {
    const head = bytes.subarray(0, this.#headRoom);
    this.#headRoom -= head.length;
    this.#head.add(head);
    this.#tail.add(bytes.subarray(head.length));
    this.#leftOut += this.#tail.keepLast(tailBytes);
  }

  /** What of the head has come since the last call. */
  takeHead(): Buffer {
    return this.#head.take();
  }

  /** All that has not been taken, at the log's end: with a line that says how much is left out, if anything is. */
  takeRest(): Buffer {
    const head = this.#head.take();
    const tail = this.#tail.take();
    if (this.#leftOut === 0) return Buffer.concat([head, tail]);
    const cut = lineStart(tail);
    return Buffer.concat([head, note(this.#leftOut + cut), tail.subarray(cut)]);
  }
}

/** Where the first whole line begins, if one begins soon. */
const lineStart = (bytes: Buffer): number => bytes.subarray(0, 4_096).indexOf('\n') + 1;

const note = (bytes: number): Buffer => Buffer.from(`\n[… ${bytes} bytes left out …]\n`);

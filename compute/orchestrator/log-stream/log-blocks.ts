import { LRUCache } from 'lru-cache';
import { logPath } from '../../../contracts/blob-paths.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { Blobs } from '../../storage/port.ts';

/** A block of a log, read up to an offset of the log. */
type Block = { end: number; bytes: Promise<Buffer> };

const blockBytes = 64 * 1024;
/** The maximum number of blocks in memory, of all logs together: 32 MiB. */
const maxBlocks = 512;

/** Reads logs in blocks, which all followers of a log share: a block is read once, and again only as far as it has grown. */
export class LogBlocks {
  readonly #blobs: Blobs;
  readonly #blocks = new LRUCache<string, Block>({ max: maxBlocks });

  constructor(blobs: Blobs) {
    this.#blobs = blobs;
  }

  /**
   * Returns a part of a log, of at most one block and the beginning of the next, so that it contains a whole character.
   * @param length the length of the log, which is more than `offset`
   * @throws StorageError
   */
  async read(job: JobId, offset: number, length: number): Promise<Buffer> {
    const part = await this.#readBlock(job, offset, length);
    const next = offset + part.length;
    if (part.length >= 4 || part.length === 0 || next >= length) return part;
    return Buffer.concat([part, await this.#readBlock(job, next, length)]);
  }

  /** Returns the rest of the block at an offset. */
  async #readBlock(job: JobId, offset: number, length: number): Promise<Buffer> {
    const start = offset - (offset % blockBytes);
    const end = Math.min(length, start + blockBytes);
    const key = `${job} ${start}`;
    let block = this.#blocks.get(key);
    if (!block || block.end < end) {
      block = { end, bytes: this.#fetch(job, { start, end, known: block }) };
      this.#blocks.set(key, block);
    }
    try {
      return (await block.bytes).subarray(offset - start);
    } catch (error) {
      if (this.#blocks.get(key) === block) this.#blocks.delete(key);
      throw error;
    }
  }

  async #fetch(
    job: JobId,
    { start, end, known }: { start: number; end: number; known: Block | undefined },
  ): Promise<Buffer> {
    const before = known ? await known.bytes : Buffer.alloc(0);
    const from = start + before.length;
    const range = await this.#blobs.getRange(logPath(job), from, end - from);
    return range ? Buffer.concat([before, range.body]) : before;
  }
}

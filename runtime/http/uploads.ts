import type { IncomingMessage, ServerResponse } from 'node:http';
import { Pace, systemClock, type Clock } from './pace.ts';

/** A body that is not taken, and the answer to it. Its message is for whoever sends it. */
export class UploadError extends Error {
  override name = 'UploadError';
  /** 400 incomplete, 408 too slow, 413 too large, 503 cut for others. */
  readonly status: 400 | 408 | 413 | 503;
  readonly code: string;
  constructor(status: UploadError['status'], code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Bounds of the bodies that are on their way to one server at a time. */
export type UploadBounds = {
  /** In bytes, of all together. */
  maxTotalBytes: number;
  maxUploads: number;
};

/** How fast an upload was lately counts with this time constant, in milliseconds. */
const memory = 1_000;
/** An upload younger than this, in milliseconds, is not called slow unless all are young: then the oldest is. */
const youth = 1_000;

/** One body on its way. */
class Upload {
  readonly chunks: Buffer[] = [];
  bytes = 0;
  readonly #began: number;
  #at: number;
  #rate = 0;
  /** Ends it with an error. */
  readonly cut: (error: UploadError) => void;

  constructor(now: number, cut: (error: UploadError) => void) {
    this.#began = this.#at = now;
    this.cut = cut;
  }

  add(chunk: Buffer, now: number): void {
    this.#rate = this.#decayed(now) + chunk.length / memory;
    this.#at = now;
    this.bytes += chunk.length;
    this.chunks.push(chunk);
  }

  /** Bytes a millisecond as of late, in an average that forgets. */
  speed(now: number): number {
    return now - this.#began < youth ? Infinity : this.#decayed(now);
  }

  #decayed(now: number): number {
    return this.#rate * Math.exp((this.#at - now) / memory);
  }
}

/**
 * Reads the bodies of one server's requests. Each has to be small and fast enough; where all together are too large or too many,
 * the slowest is cut, so that strangers who send slowly keep nobody else's body out.
 */
export class Uploads {
  readonly #bounds: UploadBounds;
  readonly #clock: Clock;
  readonly #open = new Set<Upload>();
  #bytes = 0;

  constructor(bounds: UploadBounds, clock: Clock = systemClock) {
    this.#bounds = bounds;
    this.#clock = clock;
  }

  /** Bytes that are held of bodies on their way. */
  get heldBytes(): number {
    return this.#bytes;
  }

  /** Reads a request's whole body; only now one that `Expect`s it is told to send it. @throws UploadError */
  async read(incoming: IncomingMessage, outgoing: ServerResponse, maxBytes: number): Promise<Buffer> {
    if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
    if (incoming.headers.expect !== undefined) outgoing.writeContinue();
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const upload = new Upload(this.#clock.now(), reject);
    const pace = new Pace(this.#clock, () => reject(tooSlow()));
    const onData = (chunk: Buffer): void => {
      if (!this.#open.has(upload)) return;
      pace.moved(chunk.length);
      if (upload.bytes + chunk.length > maxBytes) return reject(tooLarge(maxBytes));
      upload.add(chunk, this.#clock.now());
      this.#bytes += chunk.length;
      this.#makeRoom();
    };
    // Once it is whole, nobody cuts it any more.
    const onEnd = (): void => {
      resolve(Buffer.concat(upload.chunks));
      this.#forget(upload);
    };
    const onBroken = () => reject(new UploadError(400, 'incomplete', 'The body is incomplete.'));
    this.#open.add(upload);
    incoming.on('data', onData).once('end', onEnd).once('close', onBroken).once('error', onBroken);
    try {
      this.#makeRoom();
      return await promise;
    } finally {
      incoming.pause().off('data', onData).off('end', onEnd).off('close', onBroken).off('error', onBroken);
      pace.end();
      this.#forget(upload);
    }
  }

  #makeRoom(): void {
    const { maxTotalBytes, maxUploads } = this.#bounds;
    while (this.#bytes > maxTotalBytes || this.#open.size > maxUploads) {
      const slowest = this.#slowest();
      if (!slowest) return;
      this.#forget(slowest);
      slowest.cut(new UploadError(503, 'busy', 'The server is receiving too many uploads. Try again.'));
    }
  }

  /** Of several as slow as each other, the oldest. */
  #slowest(): Upload | undefined {
    const now = this.#clock.now();
    let slowest: Upload | undefined;
    for (const upload of this.#open) if (!slowest || upload.speed(now) < slowest.speed(now)) slowest = upload;
    return slowest;
  }

  #forget(upload: Upload): void {
    if (!this.#open.delete(upload)) return;
    this.#bytes -= upload.bytes;
    upload.chunks.splice(0);
  }
}

const tooLarge = (maxBytes: number): UploadError =>
  new UploadError(413, 'too-large', `The body is larger than ${maxBytes} bytes.`);

const tooSlow = (): UploadError =>
  new UploadError(408, 'too-slow', 'The body arrived too slowly. Send at least 16 KiB per second.');

import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemClock, type Clock } from '../async/clock.ts';
import { TransferMonitor } from './transfer-monitor.ts';

/** A rejected body, and the answer to it. The message is for the client. */
export class UploadError extends Error {
  override name = 'UploadError';
  /** 400 incomplete, 408 too slow, 413 too large, 503 ended to make room for others. */
  readonly status: 400 | 408 | 413 | 503;
  readonly code: string;
  constructor(status: UploadError['status'], code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Limits of the bodies in transit to one server. */
type UploadLimits = {
  /** The total size, in bytes. */
  maxTotalBytes: number;
  maxUploads: number;
};

/** The time constant of an upload's moving average rate, in milliseconds. */
const averagingMilliseconds = 1_000;
/** An upload younger than this, in milliseconds, does not count as slow. If all are that young, the oldest does. */
const minAgeMilliseconds = 1_000;

/** A body in transit. */
class Upload {
  readonly chunks: Buffer[] = [];
  bytes = 0;
  readonly #began: number;
  #at: number;
  #rate = 0;
  /** Ends it with an error. */
  readonly abort: (error: UploadError) => void;

  constructor(now: number, cut: (error: UploadError) => void) {
    this.#began = this.#at = now;
    this.abort = cut;
  }

  add(chunk: Buffer, now: number): void {
    this.#rate = this.#decayed(now) + chunk.length / averagingMilliseconds;
    this.#at = now;
    this.bytes += chunk.length;
    this.chunks.push(chunk);
  }

  /** The recent rate in bytes per millisecond, as a moving average. */
  speed(now: number): number {
    return now - this.#began < minAgeMilliseconds ? Infinity : this.#decayed(now);
  }

  #decayed(now: number): number {
    return this.#rate * Math.exp((this.#at - now) / averagingMilliseconds);
  }
}

/**
 * Reads the bodies of one server's requests. Each body must be small and fast enough. If all bodies together are too large or too
 * many, the slowest is ended, so that slow senders cannot block other bodies.
 */
export class Uploads {
  readonly #limits: UploadLimits;
  readonly #clock: Clock;
  readonly #open = new Set<Upload>();
  #bytes = 0;

  constructor(bounds: UploadLimits, clock: Clock = systemClock) {
    this.#limits = bounds;
    this.#clock = clock;
  }

  /** The bytes held in memory for bodies in transit. */
  get heldBytes(): number {
    return this.#bytes;
  }

  /** Reads a request's whole body. A client that sent `Expect` is asked to send it now. @throws UploadError */
  async read(incoming: IncomingMessage, outgoing: ServerResponse, maxBytes: number): Promise<Buffer> {
    if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) throw createTooLargeError(maxBytes);
    if (incoming.headers.expect !== undefined) outgoing.writeContinue();
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const upload = new Upload(this.#clock.now(), reject);
    const pace = new TransferMonitor(this.#clock, () => reject(createTooSlowError()));
    const onData = (chunk: Buffer): void => {
      if (!this.#open.has(upload)) return;
      pace.record(chunk.length);
      if (upload.bytes + chunk.length > maxBytes) return reject(createTooLargeError(maxBytes));
      upload.add(chunk, this.#clock.now());
      this.#bytes += chunk.length;
      this.#enforceLimits();
    };
    // A complete body can no longer be ended.
    const onEnd = (): void => {
      resolve(Buffer.concat(upload.chunks));
      this.#remove(upload);
    };
    const onBroken = () => reject(new UploadError(400, 'incomplete', 'The body is incomplete.'));
    this.#open.add(upload);
    incoming.on('data', onData).once('end', onEnd).once('close', onBroken).once('error', onBroken);
    try {
      this.#enforceLimits();
      return await promise;
    } finally {
      incoming.pause().off('data', onData).off('end', onEnd).off('close', onBroken).off('error', onBroken);
      pace.stop();
      this.#remove(upload);
    }
  }

  #enforceLimits(): void {
    const { maxTotalBytes, maxUploads } = this.#limits;
    while (this.#bytes > maxTotalBytes || this.#open.size > maxUploads) {
      const slowest = this.#slowest();
      if (!slowest) return;
      this.#remove(slowest);
      slowest.abort(new UploadError(503, 'busy', 'The server is receiving too many uploads. Try again.'));
    }
  }

  /** Returns the slowest upload; of equally slow ones, the oldest. */
  #slowest(): Upload | undefined {
    const now = this.#clock.now();
    let slowest: Upload | undefined;
    for (const upload of this.#open) if (!slowest || upload.speed(now) < slowest.speed(now)) slowest = upload;
    return slowest;
  }

  #remove(upload: Upload): void {
    if (!this.#open.delete(upload)) return;
    this.#bytes -= upload.bytes;
    upload.chunks.splice(0);
  }
}

const createTooLargeError = (maxBytes: number): UploadError =>
  new UploadError(413, 'too-large', `The body is larger than ${maxBytes} bytes.`);

const createTooSlowError = (): UploadError =>
  new UploadError(408, 'too-slow', 'The body arrived too slowly. Send at least 16 KiB per second.');

import { LRUCache } from 'lru-cache';
import type { Logger } from '../../runtime/log.ts';
import type { JobId } from '../../contracts/ids.ts';
import { canceledPath } from '../../contracts/blob-paths.ts';
import type { Blobs } from '../storage/port.ts';

/** How long an answer "not canceled" is good for. */
const cacheMilliseconds = 2_000;

/** Which jobs are canceled: looks at a job's mark at most every 2 s. A mark stays. */
export class CancellationCache {
  readonly #answers = new LRUCache<JobId, Promise<boolean>>({ max: 1_000, ttl: cacheMilliseconds });
  readonly #blobs: Blobs;
  readonly #log: Logger;

  constructor(blobs: Blobs, log: Logger) {
    this.#blobs = blobs;
    this.#log = log;
  }

  /** False, too, when storage cannot say: the next look may. */
  isCanceled(job: JobId): Promise<boolean> {
    const known = this.#answers.get(job);
    if (known) return known;
    const answer = this.#fetch(job);
    this.#answers.set(job, answer);
    return answer;
  }

  async #fetch(job: JobId): Promise<boolean> {
    try {
      const canceled = await this.#blobs.exists(canceledPath(job));
      if (canceled) this.#answers.set(job, Promise.resolve(true), { ttl: 0 });
      return canceled;
    } catch (error) {
      this.#log.warn({ err: error, job }, 'whether a job is canceled could not be found out');
      return false;
    }
  }
}

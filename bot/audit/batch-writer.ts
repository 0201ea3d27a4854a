import type { Logger } from '../../runtime/log.ts';
import { jitteredDelay } from '../../runtime/async/backoff.ts';
import { PollLoop } from '../../runtime/async/poll-loop.ts';
import type { BotMetrics } from '../metrics.ts';

/** Appends a text. It is called once at a time, and again with the same text after it has thrown. */
export type AuditSink = (text: string) => Promise<void>;

type AuditBatchOptions = {
  sink: AuditSink;
  metrics: Pick<BotMetrics, 'auditLines'>;
  log: Logger;
  /** The delay from a line to its batch, in milliseconds. An append blob accepts 50 000 appends, so 2 s suffice for a day. */
  intervalMilliseconds?: number;
  /** The maximum number of waiting characters. Further lines are dropped. */
  maxWaitingLength?: number;
};

/** In characters: an append holds at most 4 MiB, and a character at most 3 bytes. */
const maxBatchLength = 1_000_000;

/** The maximum delay between attempts to write a batch. */
const maxRetryMilliseconds = 60_000;

/** Writes audit lines to a sink in batches, in order. A failure is logged once, and the batch is retried. */
export class AuditBatchWriter {
  readonly #options: Required<AuditBatchOptions>;
  readonly #loop: PollLoop;
  #waiting: string[] = [];
  #waitingLength = 0;
  #failures = 0;

  constructor(options: AuditBatchOptions) {
    this.#options = { intervalMilliseconds: 2_000, maxWaitingLength: 8 * maxBatchLength, ...options };
    this.#loop = new PollLoop(() => this.#writeBatch());
  }

  /** Adds a line to the next batch. Never throws, never waits. */
  append(line: string): void {
    const { intervalMilliseconds: every, maxWaitingLength: most, metrics } = this.#options;
    if (this.#waitingLength + line.length > most) return metrics.auditLines.inc({ outcome: 'dropped' });
    this.#waiting.push(line);
    this.#waitingLength += line.length;
    if (this.#failures === 0) this.#loop.wake(every);
  }

  /** Writes the waiting lines, with one attempt per batch. Lines that could not be written are only in the log. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    while (this.#waiting.length > 0) {
      const before = this.#waiting.length;
      await this.#writeBatch();
      if (this.#waiting.length === before) return;
    }
  }

  async #writeBatch(): Promise<number> {
    const { sink: keeper, metrics, log, intervalMilliseconds: every } = this.#options;
    const batch = this.#selectBatch();
    if (batch.length === 0) return Infinity;
    const text = batch.join('');
    try {
      await keeper(text);
    } catch (err) {
      if (this.#failures === 0)
        log.error({ err }, 'could not store the audit: it is only in the log, retrying');
      this.#failures += 1;
      return jitteredDelay(this.#failures, { minMilliseconds: every, maxMilliseconds: maxRetryMilliseconds });
    }
    if (this.#failures > 0) log.info('the audit is stored again');
    this.#failures = 0;
    this.#waiting.splice(0, batch.length);
    this.#waitingLength -= text.length;
    metrics.auditLines.inc({ outcome: 'stored' }, batch.length);
    return this.#waiting.length > 0 ? every : Infinity;
  }

  /** The size of the last batch. A retry repeats the same batch, so that the sink can detect that it was already written. */
  #batchSize = 0;

  #selectBatch(): string[] {
    if (this.#failures > 0) return this.#waiting.slice(0, this.#batchSize);
    let length = 0;
    const beyond = this.#waiting.findIndex((line) => (length += line.length) > maxBatchLength);
    this.#batchSize = beyond === -1 ? this.#waiting.length : Math.max(1, beyond);
    return this.#waiting.slice(0, this.#batchSize);
  }
}

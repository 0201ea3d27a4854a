import type { Logger } from '../../runtime/log.ts';
import { PollLoop } from '../../runtime/async/poll-loop.ts';
import type { BotMetrics } from '../metrics.ts';
import { exponentialDelay } from '../timeout.ts';

/** Keeps a text after all that came before it. Called one at a time; again with the same text after it has thrown. */
export type AuditSink = (text: string) => Promise<void>;

export type AuditBatchOptions = {
  sink: AuditSink;
  metrics: Pick<BotMetrics, 'auditLines'>;
  log: Logger;
  /** From a line to its batch, in milliseconds; an append blob takes 50 000 appends, so that 2 s last for a day. */
  intervalMilliseconds?: number;
  /** Characters that may wait, beyond which new lines are dropped. */
  maxWaitingLength?: number;
};

/** An append takes at most 4 MiB, and a character at most 3 bytes. */
const maxBatchLength = 1_000_000;

/** Lines that are kept elsewhere, in their order, a batch at a time. A keeper that fails is told once, and tried again. */
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

  /** Never throws, never waits. */
  append(line: string): void {
    const { intervalMilliseconds: every, maxWaitingLength: most, metrics } = this.#options;
    if (this.#waitingLength + line.length > most) return metrics.auditLines.inc({ outcome: 'dropped' });
    this.#waiting.push(line);
    this.#waitingLength += line.length;
    if (this.#failures === 0) this.#loop.wake(every);
  }

  /** Keeps what waits, with one attempt a batch; what could not be kept is in the log alone. */
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
      if (this.#failures === 0) log.error({ err }, 'the audit cannot be kept now: it stands in the log');
      this.#failures += 1;
      return exponentialDelay(every, this.#failures);
    }
    if (this.#failures > 0) log.info('the audit is kept again');
    this.#failures = 0;
    this.#waiting.splice(0, batch.length);
    this.#waitingLength -= text.length;
    metrics.auditLines.inc({ outcome: 'stored' }, batch.length);
    return this.#waiting.length > 0 ? every : Infinity;
  }

  /** The same again after a failure: only then can a keeper tell that it was kept after all. */
  #batchSize = 0;

  #selectBatch(): string[] {
    if (this.#failures > 0) return this.#waiting.slice(0, this.#batchSize);
    let length = 0;
    const beyond = this.#waiting.findIndex((line) => (length += line.length) > maxBatchLength);
    this.#batchSize = beyond === -1 ? this.#waiting.length : Math.max(1, beyond);
    return this.#waiting.slice(0, this.#batchSize);
  }
}

import type { LogPart } from '../../contracts/log-part.ts';
import { exponentialDelay } from '../../runtime/async/backoff.ts';
import { sleep } from '../../runtime/async/clock.ts';
import { retry } from '../../runtime/async/retry.ts';
import { OrchestratorError } from './http-call.ts';
import type { LogChunk } from './port.ts';

/** Requests the part of a log that begins at a byte offset. */
type ReadPart = (offset: number, signal: AbortSignal) => Promise<LogPart>;

/** The delays between polls of a log that does not grow. The runner writes every 2 s. */
const pollDelays = { minMilliseconds: 1_000, maxMilliseconds: 10_000, factor: 1.5 };

/** The delays between attempts, about a minute in all. */
const retryOptions = {
  backoff: { minMilliseconds: 1_000, maxMilliseconds: 15_000 },
  maxAttempts: 10,
  isRetryable: (error: unknown) => error instanceof OrchestratorError && isTransient(error.status),
};

const isTransient = (status: number | null): boolean => status === null || status === 429 || status >= 500;

/** Yields a log by polling, as `Jobs.followLog` describes. Errors of the first request are thrown; later ones are retried. */
export async function* pollLog(
  readPart: ReadPart,
  { from, signal }: { from: number; signal: AbortSignal },
): AsyncGenerator<LogChunk> {
  let offset = from;
  for (let polls = 0, quiet = 0; !signal.aborted; polls += 1) {
    const options = { ...retryOptions, signal, ...(polls === 0 && { maxAttempts: 1 }) };
    const part = await retry(() => readPart(offset, signal), options).catch((error: unknown) => {
      if (!signal.aborted) throw error;
      return undefined;
    });
    if (!part) return;
    const { text, bytes, ended } = part;
    offset = part.offset;
    if (text !== '') yield { text, offset };
    if (ended && offset >= bytes) return;
    if (text !== '') quiet = 0;
    if (text === '' || offset >= bytes) await sleep(exponentialDelay(quiet++, pollDelays), { signal });
  }
}

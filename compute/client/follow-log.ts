import type { LogPart } from '../../contracts/log-part.ts';
import { exponentialDelay } from '../../runtime/async/backoff.ts';
import { sleep } from '../../runtime/async/clock.ts';
import { retry } from '../../runtime/async/retry.ts';
import { OrchestratorError } from './http-call.ts';
import type { LogEvent } from './log-stream.ts';
import type { LogChunk } from './port.ts';

/** How a log is read from a byte offset on. */
export type LogSource = {
  /** Returns undefined if the orchestrator does not stream. */
  openStream: (offset: number, signal: AbortSignal) => Promise<AsyncIterable<LogEvent> | undefined>;
  readPart: (offset: number, signal: AbortSignal) => Promise<LogPart>;
};

type FollowOptions = { from: number; signal: AbortSignal };

/** The delays between attempts of a request, about a minute in all. */
const retryOptions = { backoff: { minMilliseconds: 1_000, maxMilliseconds: 15_000 }, maxAttempts: 10 };

/** Returns whether a later attempt can succeed. A stream that breaks off throws other errors. */
const isTransient = (error: unknown): boolean => !(error instanceof OrchestratorError) || error.isTransient;

/** The delay before another stream is opened after one without an event. */
const reopenDelays = { minMilliseconds: 1_000, maxMilliseconds: 5_000 };
/** The number of consecutive streams without an event after which the log is polled: a proxy may not let events pass. */
const maxEmptyStreams = 3;

/**
 * Yields a log, as `Jobs.followLog` describes: from streams, or by polling if they are not possible. Only the first request is not
 * repeated after an error.
 */
export async function* followLog(
  source: LogSource,
  { from, signal }: FollowOptions,
): AsyncGenerator<LogChunk> {
  let offset = from;
  let streams = 0;
  const open = () => {
    const isFirst = (streams += 1) === 1;
    const options = { ...retryOptions, signal, ...(isFirst && { maxAttempts: 1 }), isRetryable: isTransient };
    return retry(() => source.openStream(offset, signal), options);
  };
  for (let empty = 0; empty < maxEmptyStreams;) {
    const events = await unlessAborted(open, signal);
    if (signal.aborted) return;
    if (!events) break;
    empty += 1;
    try {
      for await (const event of events) {
        empty = 0;
        if (event.kind === 'end') return;
        if (event.kind === 'log') {
          ({ offset } = event);
          yield { text: event.text, offset };
        }
      }
    } catch (error) {
      if (!signal.aborted && !isTransient(error)) throw error;
    }
    if (empty > 0) await sleep(exponentialDelay(empty - 1, reopenDelays), { signal });
  }
  yield* pollLog(source.readPart, { from: offset, signal });
}

/** Returns the result of an operation, or undefined once the signal is aborted. @throws the operation's error before that */
const unlessAborted = async <T>(operation: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> => {
  try {
    return signal.aborted ? undefined : await operation();
  } catch (error) {
    if (!signal.aborted) throw error;
    return undefined;
  }
};

/** The delays between polls of a log that does not grow. The runner writes every 2 s. */
const pollDelays = { minMilliseconds: 1_000, maxMilliseconds: 10_000, factor: 1.5 };

async function* pollLog(
  readPart: LogSource['readPart'],
  { from, signal }: FollowOptions,
): AsyncGenerator<LogChunk> {
  let offset = from;
  const read = () =>
    retry(() => readPart(offset, signal), { ...retryOptions, signal, isRetryable: isTransient });
  for (let quiet = 0; ;) {
    const part = await unlessAborted(read, signal);
    if (!part) return;
    const { text, bytes, ended } = part;
    offset = part.offset;
    if (text !== '') yield { text, offset };
    if (ended && offset >= bytes) return;
    if (text !== '') quiet = 0;
    if (text === '' || offset >= bytes) await sleep(exponentialDelay(quiet++, pollDelays), { signal });
  }
}

import { readPolicy, wholeFileMistake, type ReadPolicy } from './read.ts';
import type { PolicyMistake } from './policy.ts';

/**
 * Reads a policy that anybody may have written, in bounded time and off the event loop. `isUnfinished`: a limit of time or memory
 * ended the reading, so that another try may come further.
 */
export type PolicyReader = (text: string) => Promise<ReadPolicy & { isUnfinished?: true }>;

/** What a process may take to read one policy. */
export type ReadingLimits = { maxMilliseconds: number; maxMegabytes: number };

/** The limits of the format keep every file far below these. */
export const readingLimits: ReadingLimits = { maxMilliseconds: 5_000, maxMegabytes: 192 };

/** What `readPolicy` came to in another process: its value, or the limit that ended it. */
type ProcessOutcome =
  | { kind: 'returned'; value: ReadPolicy }
  | { kind: 'timed-out' }
  | { kind: 'out-of-memory' };

type IsolatedReading = {
  /** Runs `readPolicy` in another process with these limits. */
  run: (text: string) => Promise<ProcessOutcome>;
  limits: ReadingLimits;
  onExceeded: (kind: 'timed-out' | 'out-of-memory', text: string) => void;
};

/** Returns a reader that leaves all policies but cheap ones to another process. */
export const boundedPolicyReader =
  ({ run, limits, onExceeded }: IsolatedReading): PolicyReader =>
  async (text) => {
    if (isCheap(text)) return readPolicy(text);
    const outcome = await run(text);
    if (outcome.kind === 'returned') return outcome.value;
    onExceeded(outcome.kind, text);
    return { mistakes: [exceeded[outcome.kind](limits)], isUnfinished: true };
  };

/**
 * Whether a policy is read so fast, in about 10 ms at the worst, that a process is not worth its start. Patterns are what costs, and
 * without a backslash YAML has no other way to write the key `pattern` than this word.
 */
const isCheap = (text: string): boolean => text.length <= maxCheapLength && !/pattern|\\/.test(text);

/** Characters: a YAML parser takes at most some microseconds for each. */
const maxCheapLength = 2_048;

const exceeded = {
  'timed-out': ({ maxMilliseconds }: ReadingLimits): PolicyMistake => ({
    ...wholeFileMistake('The file takes too long to read', `at most ${maxMilliseconds / 1_000} seconds`),
    received: `more than ${maxMilliseconds / 1_000} seconds`,
  }),
  'out-of-memory': ({ maxMegabytes }: ReadingLimits): PolicyMistake => ({
    ...wholeFileMistake('The file takes too much memory to read', `at most ${maxMegabytes} MB`),
    received: `more than ${maxMegabytes} MB`,
  }),
};

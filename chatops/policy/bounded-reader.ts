import { readPolicy, toFileProblem, type PolicyReading } from './read-policy.ts';
import type { PolicyProblem } from './policy.ts';

/**
 * Parses an untrusted policy in bounded time and off the event loop. `isUnfinished`: a limit on time or memory
 * ended the read, so a retry may succeed.
 */
export type PolicyReader = (text: string) => Promise<PolicyReading & { isUnfinished?: true }>;

/** The limits for a process that reads one policy. */
type ReadingLimits = { maxMilliseconds: number; maxMegabytes: number };

/** The limits of the format keep every file far below these. */
export const readingLimits: ReadingLimits = { maxMilliseconds: 5_000, maxMegabytes: 192 };

/** The outcome of `readPolicy` in another process: its value, or the limit that ended it. */
type ProcessOutcome =
  | { kind: 'returned'; value: PolicyReading }
  | { kind: 'timed-out' }
  | { kind: 'out-of-memory' };

type IsolatedReading = {
  /** Runs `readPolicy` in another process with these limits. */
  run: (text: string) => Promise<ProcessOutcome>;
  limits: ReadingLimits;
  onExceeded: (kind: 'timed-out' | 'out-of-memory', text: string) => void;
};

/** Returns a reader that reads cheap policies in place and all others in another process. */
export const createBoundedPolicyReader =
  ({ run, limits, onExceeded }: IsolatedReading): PolicyReader =>
  async (text) => {
    if (isCheap(text)) return readPolicy(text);
    const outcome = await run(text);
    if (outcome.kind === 'returned') return outcome.value;
    onExceeded(outcome.kind, text);
    return { mistakes: [limitProblems[outcome.kind](limits)], isUnfinished: true };
  };

/**
 * Returns whether a policy can be read so fast, in about 10 ms at most, that starting a process is not worthwhile. Only patterns are
 * expensive, and without a backslash, YAML can write the key `pattern` only as this word.
 */
const isCheap = (text: string): boolean => text.length <= maxCheapLength && !/pattern|\\/.test(text);

/** In characters. The YAML parser takes at most a few microseconds for each. */
const maxCheapLength = 2_048;

const limitProblems = {
  'timed-out': ({ maxMilliseconds }: ReadingLimits): PolicyProblem => ({
    ...toFileProblem('The file takes too long to read', `at most ${maxMilliseconds / 1_000} seconds`),
    received: `more than ${maxMilliseconds / 1_000} seconds`,
  }),
  'out-of-memory': ({ maxMegabytes }: ReadingLimits): PolicyProblem => ({
    ...toFileProblem('The file takes too much memory to read', `at most ${maxMegabytes} MB`),
    received: `more than ${maxMegabytes} MB`,
  }),
};

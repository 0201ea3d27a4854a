/** The intervals and time limits of the orchestrations, in seconds. Tests make them short. */
export type Timing = {
  /** The interval between polls of a batch's outputs. It doubles after each poll without progress. */
  minBatchPoll: number;
  maxBatchPoll: number;
  /** The interval between inspections of a runner. It doubles. */
  minRunnerPoll: number;
  maxRunnerPoll: number;
  /** How long a runner may exceed its task's timeout, which it enforces itself, before it is removed. */
  runnerGrace: number;
  /** How long a job that is being stopped waits for the counts of its batches. */
  stopGrace: number;
  /** The interval between requests for a lock that is taken. It doubles. */
  minLockPoll: number;
  maxLockPoll: number;
  /** The maximum time that a job waits for its locks. */
  maxLockWait: number;
  /** The delay before a failed activity is retried. It doubles, up to 30 s. */
  minRetryDelay: number;
};

export const defaultTiming: Timing = {
  minBatchPoll: 15,
  maxBatchPoll: 600,
  minRunnerPoll: 2,
  maxRunnerPoll: 60,
  runnerGrace: 60,
  stopGrace: 20,
  minLockPoll: 1,
  maxLockPoll: 60,
  maxLockWait: 86_400,
  minRetryDelay: 1,
};

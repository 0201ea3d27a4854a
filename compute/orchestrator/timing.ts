/** The intervals and time limits of the orchestrations, in seconds. Tests make them short. */
export type Timing = {
  /** The interval between polls of a batch's outputs. It doubles after each poll without progress. */
  minBatchPoll: number;
  maxBatchPoll: number;
  /** The interval between inspections of a runner. It doubles. */
  minRunnerPoll: number;
  maxRunnerPoll: number;
  /** The interval between attempts to launch a runner. It doubles. */
  minLaunchRetry: number;
  maxLaunchRetry: number;
  /** The maximum time that a job waits until its runner is launched. */
  maxLaunchWait: number;
  /** The maximum time from the launch to the start of the script. */
  maxStartWait: number;
  /** The interval between attempts to remove a runner. It doubles. */
  minRemovalRetry: number;
  maxRemovalRetry: number;
  /** How long a job waits until its runner is removed. */
  maxRemovalWait: number;
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
  minLaunchRetry: 5,
  maxLaunchRetry: 300,
  maxLaunchWait: 1_800,
  maxStartWait: 900,
  minRemovalRetry: 2,
  maxRemovalRetry: 60,
  maxRemovalWait: 3_600,
  runnerGrace: 60,
  stopGrace: 20,
  minLockPoll: 1,
  maxLockPoll: 60,
  maxLockWait: 86_400,
  minRetryDelay: 1,
};

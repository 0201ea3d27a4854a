/** How long the orchestrations wait, in seconds. Tests make these short. */
export type Timing = {
  /** A batch's first round of waiting; it doubles with each silent round. */
  minBatchPoll: number;
  maxBatchPoll: number;
  /** Between two looks at a runner; it doubles. */
  minRunnerPoll: number;
  maxRunnerPoll: number;
  /** How long a runner may overrun its task's timeout, which it enforces itself, before we remove it. */
  runnerGrace: number;
  /** How long a job that is stopped waits for its batches to say how much they had done. */
  stopGrace: number;
  /** Between two looks at a lock that others have; it doubles. */
  firstLockLook: number;
  lastLockLook: number;
  /** The longest that a job waits for its locks. */
  maxLockWait: number;
  /** Before an activity that threw is called again; it doubles, up to 30 s. */
  minRetryDelay: number;
};

export const defaultTiming: Timing = {
  minBatchPoll: 15,
  maxBatchPoll: 600,
  minRunnerPoll: 2,
  maxRunnerPoll: 60,
  runnerGrace: 60,
  stopGrace: 20,
  firstLockLook: 1,
  lastLockLook: 60,
  maxLockWait: 86_400,
  minRetryDelay: 1,
};

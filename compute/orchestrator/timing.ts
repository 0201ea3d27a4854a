/** How long the orchestrations wait, in seconds. Tests make these short. */
export type Timing = {
  /** A batch's first round of waiting; it doubles with each silent round. */
  firstRound: number;
  lastRound: number;
  /** Between two looks at a runner; it doubles. */
  firstLook: number;
  lastLook: number;
  /** How long a runner may overrun its task's timeout, which it enforces itself, before we remove it. */
  runnerGrace: number;
  /** How long a job that is stopped waits for its batches to say how much they had done. */
  stopGrace: number;
  /** Between two looks at a lock that others have; it doubles. */
  firstLockLook: number;
  lastLockLook: number;
  /** The longest that a job waits for its locks. */
  lockWait: number;
  /** Before an activity that threw is called again; it doubles, up to 30 s. */
  firstRetry: number;
};

export const defaultTiming: Timing = {
  firstRound: 15,
  lastRound: 600,
  firstLook: 2,
  lastLook: 60,
  runnerGrace: 60,
  stopGrace: 20,
  firstLockLook: 1,
  lastLockLook: 60,
  lockWait: 86_400,
  firstRetry: 1,
};

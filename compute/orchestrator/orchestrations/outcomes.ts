import type { OrchestrationContext } from 'durable-functions';
import type { JobState, JobReason } from '../../../contracts/job.ts';
import type { JobOutput, JobStatus } from '../job/job-state.ts';
import type { JobStop } from '../job/cancellation-marker.ts';

/** The time when a job's work started, null if it did not, and its approvals. */
export type JobBeginning = Pick<JobStatus, 'startedAt' | 'approvals'>;

/** A job's output without its start, approvals and end time, which `buildJobOutput` adds. */
export type JobOutcome = Pick<JobOutput, 'state' | 'reason'> & Partial<Omit<JobOutput, keyof JobBeginning>>;

/** Builds the output of a job's orchestration. Fields that the outcome does not set are empty. */
export const buildJobOutput = (
  context: OrchestrationContext,
  { startedAt, approvals }: JobBeginning,
  outcome: JobOutcome,
): JobOutput => ({
  v: 1,
  message: null,
  counts: null,
  result: null,
  failures: [],
  endedBy: null,
  links: [],
  ...outcome,
  approvals,
  startedAt,
  endedAt: context.df.currentUtcDateTime.toISOString(),
});

/** Returns the outcome of a job that was stopped. */
export const toStoppedOutcome = ({ reason, by, via }: JobStop): JobOutcome => ({
  state: toJobState(reason),
  reason,
  endedBy: by,
  ...(via ? { endedVia: via } : {}),
});

const toJobState = (reason: JobStop['reason']): Extract<JobState, 'timed-out' | 'failed' | 'canceled'> => {
  if (reason === 'deadline') return 'timed-out';
  return reason === 'internal' ? 'failed' : 'canceled';
};

/** Returns the outcome of a job that failed. */
export const toFailedOutcome = (reason: JobReason, message: string): JobOutcome => ({
  state: 'failed',
  reason,
  message,
});

import type { OrchestrationContext } from 'durable-functions';
import type { JobState, JobReason } from '../../../contracts/job.ts';
import type { JobOutput, JobStatus } from '../job/job-state.ts';
import type { JobStop } from '../job/cancellation-marker.ts';

/** When a job's work began, null if it did not, and who had approved it. */
export type JobBeginning = Pick<JobStatus, 'startedAt' | 'approvals'>;

/** An end without what every end has: how it began, and when it ended. */
export type JobOutcome = Pick<JobOutput, 'state' | 'reason'> & Partial<Omit<JobOutput, keyof JobBeginning>>;

/** The output of a job's orchestration; what is not given is empty. */
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

/** How a job that was stopped ends. */
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

/** An end that is nobody's wish. */
export const toFailedOutcome = (reason: JobReason, message: string): JobOutcome => ({
  state: 'failed',
  reason,
  message,
});

import type { OrchestrationContext } from 'durable-functions';
import type { JobState, Reason } from '../../../contracts/job.ts';
import type { JobEnd, JobStatus } from '../job/job-end.ts';
import type { Stop } from '../job/cancellation-marker.ts';

/** When a job's work began, null if it did not, and who had approved it. */
export type Beginning = Pick<JobStatus, 'startedAt' | 'approvals'>;

/** An end without what every end has: how it began, and when it ended. */
export type Ended = Pick<JobEnd, 'state' | 'reason'> & Partial<Omit<JobEnd, keyof Beginning>>;

/** The output of a job's orchestration; what is not given is empty. */
export const jobEnd = (
  context: OrchestrationContext,
  { startedAt, approvals }: Beginning,
  ended: Ended,
): JobEnd => ({
  v: 1,
  message: null,
  counts: null,
  result: null,
  failures: [],
  endedBy: null,
  links: [],
  ...ended,
  approvals,
  startedAt,
  endedAt: context.df.currentUtcDateTime.toISOString(),
});

/** How a job that was stopped ends. */
export const stopped = ({ reason, by, via }: Stop): Ended => ({
  state: stateOf(reason),
  reason,
  endedBy: by,
  ...(via ? { endedVia: via } : {}),
});

const stateOf = (reason: Stop['reason']): Extract<JobState, 'timed-out' | 'failed' | 'canceled'> => {
  if (reason === 'deadline') return 'timed-out';
  return reason === 'internal' ? 'failed' : 'canceled';
};

/** An end that is nobody's wish. */
export const failed = (reason: Reason, message: string): Ended => ({ state: 'failed', reason, message });

import type { OrchestrationContext } from 'durable-functions';
import type { JobState, Reason } from '../../formats/job.ts';
import type { JobEnd } from '../job-end.ts';
import type { Stop } from '../stop.ts';

/** An end without what every end has: when. */
export type Ended = Pick<JobEnd, 'state' | 'reason'> & Partial<JobEnd>;

/** The output of a job's orchestration; what is not given is empty. */
export const jobEnd = (context: OrchestrationContext, startedAt: string, ended: Ended): JobEnd => ({
  v: 1,
  message: null,
  counts: null,
  result: null,
  failures: [],
  endedBy: null,
  links: [],
  ...ended,
  startedAt,
  endedAt: context.df.currentUtcDateTime.toISOString(),
});

/** How a job that was stopped ends. */
export const stopped = ({ reason, by }: Stop): Ended => ({ state: stateOf(reason), reason, endedBy: by });

const stateOf = (reason: Stop['reason']): Extract<JobState, 'timed-out' | 'failed' | 'canceled'> => {
  if (reason === 'deadline') return 'timed-out';
  return reason === 'internal' ? 'failed' : 'canceled';
};

/** An end that is nobody's wish. */
export const failed = (reason: Reason, message: string): Ended => ({ state: 'failed', reason, message });

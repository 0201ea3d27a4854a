import * as v from 'valibot';
import { JobStatus } from '../job/job-end.ts';
import { isLive } from '../job/instances.ts';
import type { JobInstance } from '../job/job-instance.ts';

const emptyStatus: JobStatus = { startedAt: null, waiting: null, approvals: [] };

/** What a job waits for, who has approved it, and when its work began: from its end, or from what it shows while it lives. */
export const getJobStatus = ({ status, end }: JobInstance): JobStatus => {
  if (end) return { startedAt: end.startedAt, waiting: null, approvals: end.approvals };
  const shown = v.safeParse(JobStatus, status.customStatus);
  const jobStatus = shown.success ? shown.output : emptyStatus;
  return isLive(status) ? jobStatus : { ...jobStatus, waiting: null };
};

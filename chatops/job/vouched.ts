import type { Job } from '../../compute/client/index.ts';

/**
 * Whether what a job's origin says of its command, comment and person may be relied on: an entry started it, or whoever looks here.
 * Anybody else with the scope `start` may say there what they like. Older orchestrators do not say who started a job.
 */
export const isVouched = ({ startedBy }: Pick<Job, 'startedBy'>): boolean =>
  !startedBy || startedBy.entry || startedBy.you;

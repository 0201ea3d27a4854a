import type { CallerName, Job } from '../../compute/client/index.ts';
import type { EntryName } from '../lease/claim.ts';

/**
 * Whether what a job's origin says of its command, comment and person may be relied on: an entry started it, or whoever looks here.
 * Anybody else with the scope `start` may say there what they like. Older orchestrators do not say who started a job.
 */
export const isVouched = ({ startedBy }: Pick<Job, 'startedBy'>): boolean =>
  !startedBy || startedBy.entry || startedBy.you;

/** The caller whose mere claim it is what a job's origin says; undefined if that may be relied on. */
export const claimantOf = (job: Pick<Job, 'startedBy'>): CallerName | undefined =>
  isVouched(job) ? undefined : (job.startedBy ?? undefined);

/**
 * Whether an entry follows jobs of whoever started this one. All workflows of a repository write under one name, so the Action
 * also follows the jobs of its other workflows, once it has found out that they are what a comment or a step asked for.
 */
export const isFollowedBy = (job: Pick<Job, 'startedBy'>, entry: EntryName): boolean =>
  isVouched(job) || (entry === 'action' && job.startedBy?.kind === 'workflow');

/** A job that was found out to be what its origin says, as one that is vouched for. */
export const vouchFor = (job: Job): Job =>
  isVouched(job) || !job.startedBy ? job : { ...job, startedBy: { ...job.startedBy, entry: true } };

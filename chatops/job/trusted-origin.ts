import type { CallerName, Job } from '../../compute/client/index.ts';
import type { EntryName } from '../lease/comment-claim.ts';

/**
 * Returns whether a job's origin (command, comment and person) can be trusted: an entry started the job, or this caller did. Other
 * callers with the scope `start` can claim any origin. Older orchestrators do not record who started a job.
 */
export const isOriginTrusted = ({ startedBy }: Pick<Job, 'startedBy'>): boolean =>
  !startedBy || startedBy.entry || startedBy.you;

/** Returns the caller that claims a job's origin without verifying it; undefined if the origin can be trusted. */
export const getUntrustedCaller = (job: Pick<Job, 'startedBy'>): CallerName | undefined =>
  isOriginTrusted(job) ? undefined : (job.startedBy ?? undefined);

/**
 * Returns whether an entry follows the jobs of the caller that started this one. All workflows of a repository have one name, so the
 * Action also follows jobs of other workflows, after it has verified that a comment or a step requested them.
 */
export const isFollowedBy = (job: Pick<Job, 'startedBy'>, entry: EntryName): boolean =>
  isOriginTrusted(job) || (entry === 'action' && job.startedBy?.kind === 'workflow');

/** Returns a job whose origin was verified, marked as trusted. */
export const trustOrigin = (job: Job): Job =>
  isOriginTrusted(job) || !job.startedBy ? job : { ...job, startedBy: { ...job.startedBy, entry: true } };

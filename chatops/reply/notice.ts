import { getRequestComment } from '../../contracts/origin.ts';
import { toCommentAnchor } from '../github/comment-anchor.ts';
import type { Job } from '../../compute/client/index.ts';
import type { JobNotes } from '../job/notes.ts';
import { renderHeadline } from './headline.ts';
import { formatMarker } from '../github/reply-marker.ts';
import { getStateLabel } from './state-labels.ts';
import { getSecondsBetween } from './time.ts';

/** The minimum duration of a long job, in seconds. */
const longJobSeconds = 300;

/**
 * Returns whether the end of a job gets a comment of its own, according to the policy's `notify`. `failure`: it did not complete. `long`:
 * it took over five minutes since the request, including waits for approval and locks. A cancellation by the requester gets none.
 */
export const shouldNotify = (job: Job, { notify }: Pick<JobNotes, 'notify'>): boolean => {
  const { end } = getStateLabel(job);
  const isVerified = !job.endedVia || job.endedVia.entry;
  const isOwnCancellation =
    job.reason === 'canceled-by-user' && isVerified && job.endedBy === job.origin.sender;
  if (end === undefined || job.endedAt === null || isOwnCancellation) return false;
  if (notify === 'long') return (getSecondsBetween(job.createdAt, job.endedAt) ?? 0) > longJobSeconds;
  return notify === 'always' || (notify === 'failure' && end === 'badly');
};

/**
 * Renders the comment that announces the end of a job, because an edit of the reply notifies nobody. Its marker names the job only.
 * @param to the requester, and the reply's id if it is known
 */
export const renderNotice = (job: Job, { login, reply }: { login: string; reply?: number }): string => {
  const comment = getRequestComment(job.origin)?.id;
  const where =
    reply !== undefined
      ? `See [the reply](#issuecomment-${reply}) for details.`
      : comment !== undefined
        ? `See the reply to [your comment](${toCommentAnchor(comment)}) for details.`
        : 'See its reply for details.';
  const mention = /^[a-z0-9][a-z0-9_-]*$/i.test(login) ? `@${login}: ` : '';
  const marker = formatMarker({ v: 1, comment: 0, jobs: [], state: '00000000', notice: job.id });
  return `${mention}${renderHeadline(job)} ${where}\n\n${marker}`;
};

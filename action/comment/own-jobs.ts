import { getRequestComment } from '../../contracts/origin.ts';
import type { IncomingComment } from '../../chatops/incoming-comment.ts';
import { isOriginTrusted, trustOrigin } from '../../chatops/job/index.ts';
import { readJobStates } from '../../chatops/reply/render-reply.ts';
import type { Job, Jobs } from '../../compute/client/index.ts';
import { toThreadPorts, type ActionPorts } from '../ports.ts';
import type { JobToFollow } from './jobs-to-follow.ts';

/**
 * Removes jobs that only claim that a comment requested them: other workflows of the repository started them, and the reply to that
 * comment does not show them.
 */
export const filterOwnJobs = async (
  found: readonly JobToFollow[],
  incoming: IncomingComment,
  ports: ActionPorts,
): Promise<JobToFollow[]> => {
  const isOwn = async ({ job }: JobToFollow): Promise<boolean> => {
    if (isOriginTrusted(job)) return true;
    const { thread, comment } = getOriginComment(job, incoming);
    const reply = await toThreadPorts(thread, ports).thread.findReply(comment);
    return reply !== undefined && readJobStates(reply.body).has(job.id);
  };
  const own = await Promise.all(found.map(isOwn));
  return found.filter((_, n) => own[n]);
};

/** Returns the comment that a job came from, and its thread. @param incoming a comment of the same repository */
export const getOriginComment = ({ origin }: Job, incoming: IncomingComment): IncomingComment => ({
  ...incoming,
  thread: origin.thread ? { ...incoming.thread, ...origin.thread } : incoming.thread,
  comment: { ...incoming.comment, ...getRequestComment(origin) },
});

/** Returns a client whose jobs have a trusted origin, for jobs whose origins were verified. */
export const trustOrigins = (jobs: Jobs): Jobs => ({
  ...jobs,
  get: async (id, scope) => {
    const job = await jobs.get(id, scope);
    return job && trustOrigin(job);
  },
});

import type { IncomingComment } from '../../chatops/github/ports.ts';
import { isVouched, vouchFor } from '../../chatops/job/index.ts';
import { shownStates } from '../../chatops/reply/render-reply.ts';
import type { Job, Jobs } from '../../compute/client/index.ts';
import { onThread, type Ports } from '../ports.ts';
import type { ToFollow } from './jobs-to-follow.ts';

/**
 * Removes jobs that only claim that a comment requested them: other workflows of the repository started them, and the reply to that
 * comment does not show them.
 */
export const ownJobs = async (
  found: readonly ToFollow[],
  incoming: IncomingComment,
  ports: Ports,
): Promise<ToFollow[]> => {
  const isOwn = async ({ job }: ToFollow): Promise<boolean> => {
    if (isVouched(job)) return true;
    const { thread, comment } = placeOf(job, incoming);
    const reply = await onThread(thread, ports).thread.findReply(comment);
    return reply !== undefined && shownStates(reply.body).has(job.id);
  };
  const own = await Promise.all(found.map(isOwn));
  return found.filter((_, n) => own[n]);
};

/** Returns the comment that a job came from, and its thread. @param incoming a comment of the same repository */
export const placeOf = ({ origin }: Job, incoming: IncomingComment): IncomingComment => ({
  ...incoming,
  thread: origin.thread ? { ...incoming.thread, ...origin.thread } : incoming.thread,
  comment: { ...incoming.comment, ...origin.comment },
});

/** Returns jobs whose origins were verified. */
export const vouching = (jobs: Jobs): Jobs => ({
  ...jobs,
  get: async (id, scope) => {
    const job = await jobs.get(id, scope);
    return job && vouchFor(job);
  },
});

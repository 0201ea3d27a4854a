import { getRequestComment } from '../../contracts/origin.ts';
import type { ThreadRef } from '../../chatops/incoming-comment.ts';
import {
  finalReactions,
  findJobReply,
  syncJobReply,
  syncReply,
  type RepliedComment,
} from '../../chatops/reply-sync/sync-reply.ts';
import { hasRefusal, refreshReply } from '../../chatops/reply/render-reply.ts';
import { isLive } from '../../compute/client/job-watch.ts';
import type { Job } from '../../compute/client/index.ts';
import { isFollowedBy, isOriginTrusted, trustOrigin } from '../../chatops/job/index.ts';
import { withReplyLease, toThreadPorts } from '../ports.ts';
import { findOwnJobs } from './own-jobs.ts';
import type { SweepAction, SweepContext } from './sweep-report.ts';

/** Replies of jobs that ended longer ago are not updated. In milliseconds. */
const maxJobAge = 86_400_000;

/**
 * Updates the replies of the repository's jobs that the Action started and that have not ended, or ended in the last day.
 * @param now the orchestrator's clock, in milliseconds since 1970
 */
export const refreshReplies = async (
  jobs: readonly Job[],
  now: number,
  context: SweepContext,
): Promise<void> => {
  const { host, repository, report } = context;
  const actionJobs = jobs.filter((job) => {
    const { origin, endedAt } = job;
    return (
      origin.host === host &&
      origin.repository?.id === repository.id &&
      origin.installation === undefined &&
      isFollowedBy(job, 'action') &&
      (endedAt === null || Date.parse(endedAt) > now - maxJobAge)
    );
  });
  // Ended jobs first: the rate limit may not allow all updates.
  for (const { what, thread, refresh } of groupReplies(actionJobs.toSorted(compareByEnd), context))
    await report.run(`The reply to ${what}`, thread.number, refresh);
};

const compareByEnd = (a: Job, b: Job): number => Number(isLive(a)) - Number(isLive(b));

type ReplyToRefresh = { what: string; thread: ThreadRef; refresh: () => Promise<SweepAction | undefined> };

/** Returns one reply for all jobs of a comment, and one for each job of a workflow with `reply-to`. */
const groupReplies = (jobs: readonly Job[], context: SweepContext): ReplyToRefresh[] => {
  const ofComments = new Map<string, Job[]>();
  const replies: ReplyToRefresh[] = [];
  for (const job of jobs) {
    const { thread: on, workflow } = job.origin;
    const comment = getRequestComment(job.origin);
    if (!on) continue;
    const thread = { repository: context.repository, number: on.number, kind: on.kind };
    // Whether a job belongs to the comment is determined later; its claims must not affect other jobs.
    const key = `${on.number} ${comment?.id} ${comment?.createdAt}`;
    const others = comment && ofComments.get(key);
    if (others) others.push(job);
    else if (comment && !Number.isNaN(Date.parse(comment.createdAt))) {
      const all = [job];
      ofComments.set(key, all);
      const refresh = () => refreshCommentReply({ comment, thread }, all, context);
      replies.push({ what: `comment ${comment.id}`, thread, refresh });
    } else if (workflow !== undefined)
      replies.push({ what: job.id, thread, refresh: () => refreshJobReply(job, thread, context) });
  }
  return replies;
};

const refreshCommentReply = async (
  { comment, thread }: RepliedComment,
  candidates: readonly Job[],
  context: SweepContext,
): Promise<SweepAction | undefined> => {
  const { host, listing, ports } = context;
  const { id } = comment;
  const jobs = await findOwnJobs({ comment, thread }, candidates, context);
  if (jobs.length === 0) return undefined;
  const isPublic = await ports.visibility.isPublic(thread.repository);
  const shown = listing.findReplyTo(id);
  const { changed, ended } = refreshReply(shown?.body, { comment: id, jobs, isPublic });
  const reaction = ended && finalReactions[ended];
  const reactions = reaction && listing.countReactions(id, reaction);
  // The comment has its final reaction, so the reply was complete and has been deleted since.
  if (!shown && reactions) return undefined;
  // The final reaction is added after everything else, unless it was added for a refused command.
  const isMarked = reactions !== 0 && !(shown && reaction === 'confused' && hasRefusal(shown.body));
  if (shown && !changed && (!ended || isMarked)) return undefined;
  const here = toThreadPorts(thread, ports);
  const currentJobs = await Promise.all(
    jobs.map(async (job) => trustOrigin(await getCurrentJob(job, ports))),
  );
  const sync = (leased: typeof here) => syncReply({ comment, thread }, currentJobs, leased);
  const { written, notices: noticed } = await withReplyLease({ host, thread }, id, here, sync);
  return written || noticed > 0 || reactions === 0 ? 'updated' : undefined;
};

const refreshJobReply = async (
  job: Job,
  thread: ThreadRef,
  { host, listing, ports }: SweepContext,
): Promise<SweepAction | undefined> => {
  const { repository } = thread;
  const isPublic = await ports.visibility.isPublic(repository);
  const shown = listing.findJobReply(job.id);
  // The claims of another workflow's job count only after the run of its own step has confirmed them.
  if (!shown && !isOriginTrusted(job) && !(await findJobReply(job, toThreadPorts(thread, ports).thread)))
    return undefined;
  if (shown && !refreshReply(shown.body, { comment: 0, jobs: [trustOrigin(job)], isPublic }).changed)
    return undefined;
  const currentJob = trustOrigin(await getCurrentJob(job, ports));
  return withReplyLease({ host, thread }, job.id, toThreadPorts(thread, ports), async (leased) => {
    const before = shown ?? (await findJobReply(job, leased.thread));
    const { body } = await syncJobReply(currentJob, before, repository, leased);
    return body === before?.body ? undefined : 'updated';
  });
};

/** Reads a job again: its run may have shown a newer state since the sweep listed it. */
const getCurrentJob = async (job: Job, { jobs }: SweepContext['ports']): Promise<Job> =>
  (await jobs.get(job.id)) ?? job;

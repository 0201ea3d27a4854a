import type { ThreadRef } from '../../chatops/github/ports.ts';
import { bringUpToDate, endReaction, type Replied } from '../../chatops/reply-sync/sync-reply.ts';
import { hasRefusal, refreshReply } from '../../chatops/reply/render-reply.ts';
import { isLive } from '../../compute/client/job-watch.ts';
import type { Job } from '../../compute/client/index.ts';
import { isFollowedBy, isVouched, vouchFor } from '../../chatops/job/index.ts';
import { alone, onThread } from '../ports.ts';
import { findShowing, showJob } from '../thread-reply.ts';
import { ownJobs } from './own-jobs.ts';
import type { Swept } from './sweep-context.ts';
import type { Deed } from './sweep-report.ts';

/** The reply of a job that ended earlier is left as it is. In milliseconds. */
const lately = 86_400_000;

/**
 * Brings up to date the replies of the repository's jobs that came through the Action and have not ended, or have lately.
 * @param now the orchestrator's clock, in milliseconds since 1970
 */
export const bringRepliesUpToDate = async (
  jobs: readonly Job[],
  now: number,
  swept: Swept,
): Promise<void> => {
  const { host, repository, tally } = swept;
  const ours = jobs.filter((job) => {
    const { origin, endedAt } = job;
    return (
      origin.host === host &&
      origin.repository?.id === repository.id &&
      origin.installation === undefined &&
      isFollowedBy(job, 'action') &&
      (endedAt === null || Date.parse(endedAt) > now - lately)
    );
  });
  // Ends first: GitHub may take calls for only a part of them.
  for (const { what, thread, bring } of repliesOf(ours.toSorted(byEnd), swept))
    await tally.of(`The reply to ${what}`, thread.number, bring);
};

const byEnd = (a: Job, b: Job): number => Number(isLive(a)) - Number(isLive(b));

type Reply = { what: string; thread: ThreadRef; bring: () => Promise<Deed | undefined> };

/** One reply for all jobs of a comment, and one for each job of a workflow that names a thread. */
const repliesOf = (jobs: readonly Job[], swept: Swept): Reply[] => {
  const ofComments = new Map<string, Job[]>();
  const replies: Reply[] = [];
  for (const job of jobs) {
    const { comment, thread: on, workflow } = job.origin;
    if (!on) continue;
    const thread = { repository: swept.repository, number: on.number, kind: on.kind };
    // Whether a job belongs to the comment is determined later; its claims must not affect other jobs.
    const key = `${on.number} ${comment?.id} ${comment?.createdAt}`;
    const others = comment && ofComments.get(key);
    if (others) others.push(job);
    else if (comment && !Number.isNaN(Date.parse(comment.createdAt))) {
      const all = [job];
      ofComments.set(key, all);
      const bring = () => bringComment({ comment, thread }, all, swept);
      replies.push({ what: `comment ${comment.id}`, thread, bring });
    } else if (workflow !== undefined)
      replies.push({ what: job.id, thread, bring: () => bringJob(job, thread, swept) });
  }
  return replies;
};

const bringComment = async (
  { comment, thread }: Replied,
  claiming: readonly Job[],
  swept: Swept,
): Promise<Deed | undefined> => {
  const { host, listing, ports } = swept;
  const { id } = comment;
  const jobs = await ownJobs({ comment, thread }, claiming, swept);
  if (jobs.length === 0) return undefined;
  const isPublic = await ports.visibility.isPublic(thread.repository);
  const shown = listing.replyTo(id);
  const { changed, ended } = refreshReply(shown?.body, { comment: id, jobs, isPublic });
  const mark = ended && endReaction[ended];
  const marks = mark && listing.reactions(id, mark);
  // It was shown to its end, or the comment would not have its last reaction: somebody has deleted it.
  if (!shown && marks) return undefined;
  // The last reaction comes after everything else, unless it was added for a refused command.
  const isMarked = marks !== 0 && !(shown && mark === 'confused' && hasRefusal(shown.body));
  if (shown && !changed && (!ended || isMarked)) return undefined;
  const here = onThread(thread, ports);
  const newest = await Promise.all(jobs.map(async (job) => vouchFor(await asItIs(job, ports))));
  const bring = (held: typeof here) => bringUpToDate({ comment, thread }, newest, held);
  const { written, noticed } = await alone({ host, thread }, id, here, bring);
  return written || noticed > 0 || marks === 0 ? 'brought up to date' : undefined;
};

const bringJob = async (
  job: Job,
  thread: ThreadRef,
  { host, listing, ports }: Swept,
): Promise<Deed | undefined> => {
  const { repository } = thread;
  const isPublic = await ports.visibility.isPublic(repository);
  const shown = listing.replyOf(job.id);
  // The claims of another workflow's job count only after the run of its own step has confirmed them.
  if (!shown && !isVouched(job) && !(await findShowing(job, onThread(thread, ports).thread)))
    return undefined;
  if (shown && !refreshReply(shown.body, { comment: 0, jobs: [vouchFor(job)], isPublic }).changed)
    return undefined;
  const newest = vouchFor(await asItIs(job, ports));
  return alone({ host, thread }, job.id, onThread(thread, ports), async (held) => {
    const before = shown ?? (await findShowing(job, held.thread));
    const { body } = await showJob(newest, before, repository, held);
    return body === before?.body ? undefined : 'brought up to date';
  });
};

/** A job as it is by now: its run may have shown more meanwhile than was read at first. */
const asItIs = async (job: Job, { jobs }: Swept['ports']): Promise<Job> => (await jobs.get(job.id)) ?? job;

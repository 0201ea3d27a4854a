import { readCommands } from '../../chatops/command/index.ts';
import type { Replied } from '../../chatops/reply-sync/sync-reply.ts';
import { isVouched, jobsAskedBy, vouchFor, type Asking } from '../../chatops/job/index.ts';
import { shownStates } from '../../chatops/reply/render-reply.ts';
import { threadNumberOf, type ListedComment } from '../../chatops/sweep/recent-comments.ts';
import { grammarOf } from '../../chatops/visiting.ts';
import type { Job } from '../../compute/client/index.ts';
import { onThread } from '../ports.ts';
import type { Swept } from './sweep-context.ts';

/**
 * Returns the jobs that belong to a comment, of those that claim so. Other workflows of the repository may have started a job: it
 * belongs to the comment if our reply shows it, or if the comment requests it.
 */
export const ownJobs = async (
  { comment, thread }: Replied,
  jobs: readonly Job[],
  swept: Swept,
): Promise<Job[]> => {
  const known = jobs.filter(isVouched);
  const doubtful = jobs.filter((job) => !isVouched(job));
  if (doubtful.length === 0) return known;
  const { listing, ports } = swept;
  const reply = listing.replyTo(comment.id) ?? (await onThread(thread, ports).thread.findReply(comment));
  const shown = shownStates(reply?.body ?? '');
  const isShown = ({ id }: Job): boolean => shown.has(id);
  const asked = doubtful.every(isShown) ? [] : await askedIn(comment, swept);
  const found = doubtful.map((job) =>
    isShown(job)
      ? vouchFor(job)
      : asked.find(({ id, origin }) => id === job.id && origin.thread?.number === thread.number),
  );
  return [...known, ...found.filter((job) => job !== undefined)];
};

/** Returns the jobs that the current text of a comment of the last day requests. */
const askedIn = async (
  { id, createdAt }: Replied['comment'],
  { host, repository, listing, ports }: Swept,
): Promise<Job[]> => {
  const listed = listing.comments.find((comment) => comment.id === id && comment.created_at === createdAt);
  const author = listed && authorOf(listed);
  if (!author) return [];
  const grammar = grammarOf(await ports.policies.of(repository));
  const thread = { repository, number: threadNumberOf(listed), kind: 'issue' } as const;
  const asking: Asking = { host, thread, author, event: { kind: 'created' }, comment: { id } };
  return jobsAskedBy(readCommands(listed.body ?? '', grammar), asking, ports.jobs);
};

const authorOf = ({ user }: ListedComment): Asking['author'] | undefined =>
  user === null
    ? undefined
    : { id: user.id, login: user.login, kind: user.type === 'Bot' ? 'bot' : 'person' };

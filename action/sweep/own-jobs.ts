import { parseCommands } from '../../chatops/command/index.ts';
import type { RepliedComment } from '../../chatops/reply-sync/sync-reply.ts';
import { isOriginTrusted, findRequestedJobs, trustOrigin, type JobSource } from '../../chatops/job/index.ts';
import { readJobStates } from '../../chatops/reply/render-reply.ts';
import type { ListedComment } from '../../chatops/sweep/recent-comments.ts';
import { getGrammar } from '../../chatops/command-context.ts';
import type { Job } from '../../compute/client/index.ts';
import { toThreadPorts } from '../ports.ts';
import type { SweepContext } from './sweep-report.ts';

/**
 * Returns the jobs that belong to a comment, of those that claim so. Other workflows of the repository may have started a job: it
 * belongs to the comment if our reply shows it, or if the comment requests it.
 */
export const findOwnJobs = async (
  { comment, thread }: RepliedComment,
  jobs: readonly Job[],
  context: SweepContext,
): Promise<Job[]> => {
  const known = jobs.filter(isOriginTrusted);
  const unverified = jobs.filter((job) => !isOriginTrusted(job));
  if (unverified.length === 0) return known;
  const { listing, ports } = context;
  const reply =
    listing.findReplyTo(comment.id) ?? (await toThreadPorts(thread, ports).thread.findReply(comment));
  const shown = readJobStates(reply?.body ?? '');
  const isShown = ({ id }: Job): boolean => shown.has(id);
  const requested = unverified.every(isShown) ? [] : await findJobsOfComment(comment, context);
  const found = unverified.map((job) =>
    isShown(job)
      ? trustOrigin(job)
      : requested.find(({ id, origin }) => id === job.id && origin.thread?.number === thread.number),
  );
  return [...known, ...found.filter((job) => job !== undefined)];
};

/** Returns the jobs that the current text of a comment of the last day requests. */
const findJobsOfComment = async (
  { id, createdAt }: RepliedComment['comment'],
  { host, repository, listing, ports }: SweepContext,
): Promise<Job[]> => {
  const listed = listing.comments.find((comment) => comment.id === id && comment.created_at === createdAt);
  const author = listed && getAuthor(listed);
  if (!author) return [];
  const grammar = getGrammar(await ports.policies.load(repository));
  const thread = { repository, number: listed.thread, kind: 'issue' } as const;
  const asking: JobSource = { host, thread, author, event: { kind: 'created' }, comment: { id } };
  return findRequestedJobs(parseCommands(listed.body ?? '', grammar), asking, ports.jobs);
};

const getAuthor = ({ user }: ListedComment): JobSource['author'] | undefined =>
  user === null
    ? undefined
    : { id: user.id, login: user.login, kind: user.type === 'Bot' ? 'bot' : 'person' };

import type { Job } from '../../compute/client/index.ts';
import { shortenJobId } from '../../contracts/ids.ts';
import { getRequestComment } from '../../contracts/origin.ts';
import { toCommentAnchor } from '../github/comment-anchor.ts';
import { parseNotes } from '../job/notes.ts';
import { isOriginTrusted } from '../job/trusted-origin.ts';
import { toCodeSpan } from '../markdown/untrusted-text.ts';

const repositoryPattern = /^[A-Za-z0-9_.-]{1,100}\/[A-Za-z0-9_.-]{1,100}$/;

/**
 * Returns the path of the comment that requested a job on GitHub's pages; undefined for a job without a comment, or from a caller that
 * can claim any. For the full URL of a comment, GitHub adds a reference to the other thread; it does not for a path, which also needs no
 * host.
 */
const getCommentPath = ({ origin, startedBy }: Pick<Job, 'origin' | 'startedBy'>): string | undefined => {
  const { repository, thread } = origin;
  const comment = getRequestComment(origin);
  if (!isOriginTrusted({ startedBy }) || !repository || !thread || !comment) return undefined;
  if (!repositoryPattern.test(repository.name)) return undefined;
  const page = thread.kind === 'pull-request' ? 'pull' : 'issues';
  return `/${repository.name}/${page}/${thread.number}${toCommentAnchor(comment.id)}`;
};

/**
 * Formats the short form of a job's id, as a link to the comment that requested the job if it has one. The reply is right below, or on
 * the same page.
 */
export const formatJobLink = (job: Pick<Job, 'id' | 'origin' | 'startedBy'>): string => {
  const path = getCommentPath(job);
  const id = formatJobId(job.id);
  return path === undefined ? id : `[${id}](${path})`;
};

/** Formats the short form of the id of a job of which nothing else is known. */
export const formatJobId = (id: string): string => toCodeSpan(shortenJobId(id));

/** Formats a command about a job as its repository writes it: `/retry job-01234567`. */
export const formatJobCommand = (
  job: Pick<Job, 'id' | 'origin'>,
  command: 'status' | 'cancel' | 'retry',
): string => toCodeSpan(withNotedPrefix(job, `${command} ${shortenJobId(job.id)}`));

/** Returns a command as the repository of a job writes it, with its prefix if it needs one. @param words the command without its slash */
export const withNotedPrefix = ({ origin }: Pick<Job, 'origin'>, words: string): string => {
  const { prefix } = parseNotes(origin);
  return `/${prefix === null ? '' : `${prefix} `}${words}`;
};

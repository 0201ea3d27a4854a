import type { CommentId } from '../../contracts/comment-id.ts';
import type { Identity } from '../github/identity.ts';
import type { Octokit } from '../github/api-client.ts';
import type { PostedReply } from '../github/ports.ts';
import type { Repository } from '../incoming-comment.ts';
import { readMarker, type ReplyMarker } from '../reply/render-reply.ts';
import { openRecentComments, type ListedComment } from './recent-comments.ts';

/** The comments of a repository that were created or changed in the last day, and what can be derived from them without further calls. */
export type CommentListing = {
  /** Comments by others. */
  comments: readonly ListedComment[];
  /** Returns our reply to a comment. */
  findReplyTo(comment: CommentId): PostedReply | undefined;
  /** Returns our reply that shows the job of a workflow. */
  findJobReply(job: string): PostedReply | undefined;
  /** Returns whether we replied to a comment, or another bot claims to have replied. */
  isAnswered(comment: CommentId): boolean;
  /** Returns how many reactions of a kind a comment has, by anyone; undefined if unknown. */
  countReactions(comment: CommentId, kind: 'rocket' | 'confused'): number | undefined;
};

/** The maximum number of polls of one list, each of up to a thousand comments. */
const maxPolls = 10;

/** Lists recent comments, with a call for each hundred. @throws the error of a call */
export const listRecentComments = async (
  repository: Repository,
  octokit: Octokit,
  identity: Identity,
): Promise<CommentListing> => {
  const comments = new Map<CommentId, ListedComment>();
  const replies = new Map<number | string, PostedReply>();
  const answered = new Set<CommentId>();
  for (const comment of await fetchAll(repository, octokit)) {
    const { id, body } = comment;
    const marker = readMarker(body);
    // Our replies are comments of conversations.
    if (typeof id === 'number' && marker && (await identity.isOwn(comment))) {
      // If there are two, the older one is the reply, as in `findReply`.
      for (const subject of getSubjects(marker))
        if (id < (replies.get(subject)?.id ?? Infinity)) replies.set(subject, { id, body });
    } else {
      comments.set(id, comment);
      // The claim is not verified: if it is wrong, a comment only stays unanswered.
      if (marker && comment.user?.type === 'Bot') answered.add(marker.comment);
    }
  }
  return {
    comments: [...comments.values()],
    findReplyTo: (comment) => replies.get(comment),
    findJobReply: (job) => replies.get(job),
    isAnswered: (comment) => replies.has(comment) || answered.has(comment),
    countReactions: (comment, kind) => comments.get(comment)?.reactions?.[kind],
  };
};

const fetchAll = async (repository: Repository, octokit: Octokit): Promise<Iterable<ListedComment>> => {
  const found = new Map<CommentId, ListedComment>();
  const take = async (comment: ListedComment): Promise<boolean> => {
    found.set(comment.id, comment);
    return true;
  };
  for (const recent of openRecentComments(repository))
    for (let polls = 0; polls < maxPolls; polls += 1) if (!(await recent.poll(octokit, take))) break;
  return found.values();
};

/** Returns the comment, or the jobs of a workflow, that one of our replies answers; undefined for a notice. */
const getSubjects = ({ comment, jobs, notice }: ReplyMarker): readonly (number | string)[] => {
  if (notice !== undefined) return [];
  return comment === 0 ? jobs : [comment];
};

import type { Identity } from '../github/identity.ts';
import type { Octokit } from '../github/api-client.ts';
import type { PostedReply } from '../github/ports.ts';
import type { Repository } from '../incoming-comment.ts';
import { readMarker, type ReplyMarker } from '../reply/render-reply.ts';
import { RecentComments, type ListedComment } from './recent-comments.ts';

/** The comments of a repository that were written or changed in the last day, and what they tell without a further call. */
export type CommentListing = {
  /** Those of others. */
  comments: readonly ListedComment[];
  /** Our reply to a comment, by the comment's id. */
  replyTo(comment: number): PostedReply | undefined;
  /** Our reply that shows the job of a workflow, by the job's id. */
  replyOf(job: string): PostedReply | undefined;
  /** Whether we have replied to a comment, or another bot has by its own word. */
  isAnswered(comment: number): boolean;
  /** How many reactions of a kind a comment has, by whomever; undefined if that is not known. */
  reactions(comment: number, kind: 'rocket' | 'confused'): number | undefined;
};

/** Looks of a thousand comments each. */
const maxPolls = 10;

/** Lists them, a call for each hundred. @throws the fault of a call */
export const listRecentComments = async (
  repository: Repository,
  octokit: Octokit,
  identity: Identity,
): Promise<CommentListing> => {
  const comments = new Map<number, ListedComment>();
  const replies = new Map<number | string, PostedReply>();
  const answered = new Set<number>();
  for (const comment of await fetchAll(repository, octokit)) {
    const marker = readMarker(comment.body);
    if (marker && (await identity.isOwn(comment))) {
      // Of two the older one is the reply, as where a thread is searched.
      for (const subject of getSubjects(marker))
        if (comment.id < (replies.get(subject)?.id ?? Infinity)) replies.set(subject, comment);
    } else {
      comments.set(comment.id, comment);
      // Believing it only leaves a comment alone: the entry that has claimed it is no concern of ours.
      if (marker && comment.user?.type === 'Bot') answered.add(marker.comment);
    }
  }
  return {
    comments: [...comments.values()],
    replyTo: (comment) => replies.get(comment),
    replyOf: (job) => replies.get(job),
    isAnswered: (comment) => replies.has(comment) || answered.has(comment),
    reactions: (comment, kind) => comments.get(comment)?.reactions?.[kind],
  };
};

const fetchAll = async (repository: Repository, octokit: Octokit): Promise<Iterable<ListedComment>> => {
  const found = new Map<number, ListedComment>();
  const recent = new RecentComments(repository);
  const take = async (comment: ListedComment): Promise<boolean> => {
    found.set(comment.id, comment);
    return true;
  };
  for (let look = 0; look < maxPolls; look += 1) if (!(await recent.poll(octokit, take))) break;
  return found.values();
};

/** What a comment of ours is the reply to: a comment, or the jobs of a workflow. A notice is none. */
const getSubjects = ({ comment, jobs, notice }: ReplyMarker): readonly (number | string)[] => {
  if (notice !== undefined) return [];
  return comment === 0 ? jobs : [comment];
};

import type { Identity } from '../github/identity.ts';
import type { Octokit } from '../github/api-client.ts';
import type { PostedReply, Repository } from '../github/ports.ts';
import { readMarker, type Marker } from '../reply/render-reply.ts';
import { RecentComments, type ListedComment } from './recent-comments.ts';

/** The comments of a repository that were written or changed in the last day, and what they tell without a further call. */
export type Listing = {
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
const mostLooks = 10;

/** Lists them, a call for each hundred. @throws the fault of a call */
export const listingOf = async (
  repository: Repository,
  octokit: Octokit,
  identity: Identity,
): Promise<Listing> => {
  const comments = new Map<number, ListedComment>();
  const replies = new Map<number | string, PostedReply>();
  const answered = new Set<number>();
  for (const comment of await all(repository, octokit)) {
    const marker = readMarker(comment.body);
    if (marker && (await identity.wrote(comment))) {
      // Of two the older one is the reply, as where a thread is searched.
      for (const subject of subjectsOf(marker))
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

const all = async (repository: Repository, octokit: Octokit): Promise<Iterable<ListedComment>> => {
  const found = new Map<number, ListedComment>();
  const recent = new RecentComments(repository);
  const take = async (comment: ListedComment): Promise<boolean> => {
    found.set(comment.id, comment);
    return true;
  };
  for (let look = 0; look < mostLooks; look += 1) if (!(await recent.look(octokit, take))) break;
  return found.values();
};

/** What a comment of ours is the reply to: a comment, or the jobs of a workflow. A notice is none. */
const subjectsOf = ({ comment, jobs, notice }: Marker): readonly (number | string)[] => {
  if (notice !== undefined) return [];
  return comment === 0 ? jobs : [comment];
};

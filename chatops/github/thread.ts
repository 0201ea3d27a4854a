import * as v from 'valibot';
import type { ReplyMarker } from './reply-marker.ts';
import { parseCommentId, type CommentId } from '../../contracts/comment-id.ts';
import { fetchReply, findOwnComment, ReactionCountsView } from './find-reply.ts';
import { Authorship, type Identity } from './identity.ts';
import type { ReplyCache } from './reply-cache.ts';
import { request, paginate, toOwnerAndRepo, getStatus, unlessGone, type Octokit } from './api-client.ts';
import type { PostedReply, ReactionCounts, Thread } from './ports.ts';
import type { ThreadRef } from '../incoming-comment.ts';
import { convertWriteErrors } from './write-error.ts';

type ThreadOptions = {
  /** Authenticated as the app's installation. */
  octokit: Octokit;
  identity: Identity;
  /** Shared by all threads of the process. */
  replyCache: ReplyCache;
};

const ReviewCommentView = v.object({ reactions: v.optional(ReactionCountsView) });

/** Returns the reactions of a review comment; undefined if they are unknown, or the comment is gone. */
const fetchReactions = async (
  octokit: Octokit,
  thread: ThreadRef,
  number: number,
): Promise<ReactionCounts | undefined> => {
  const route = `GET ${commentPaths.pull_request_review_comment}`;
  const where = { ...toOwnerAndRepo(thread.repository.name), comment_id: number };
  return (await unlessGone(() => request(octokit, ReviewCommentView, route, where)))?.reactions;
};

/** The author of a reaction, in the same form as that of a comment. */
const ReactionAuthor = v.object({ user: Authorship.entries.user });

/** The paths in the API of comments that can have reactions. */
const commentPaths = {
  issue_comment: '/repos/{owner}/{repo}/issues/comments/{comment_id}',
  pull_request_review_comment: '/repos/{owner}/{repo}/pulls/comments/{comment_id}',
} as const;

/** Returns an adapter for a thread on GitHub. */
export const createOctokitThread = (thread: ThreadRef, options: ThreadOptions): Thread => {
  const { octokit, identity, replyCache: known } = options;
  const ownerAndRepo = toOwnerAndRepo(thread.repository.name);

  return {
    findReply: (comment) => convertWriteErrors(() => findReply(thread, comment, options)),
    findOwnComment: (since, matches) =>
      convertWriteErrors(() => findOwnComment(octokit, thread, { since, matches }, identity)),
    create: (body) =>
      convertWriteErrors(async () => {
        const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
        // Not retried: if the response was lost, the caller first searches for the comment.
        const parameters = { ...ownerAndRepo, issue_number: thread.number, body, request: { retries: 0 } };
        const { id } = await request(octokit, v.object({ id: v.number() }), route, parameters);
        const reply = { id, body };
        known.addWritten(reply);
        return reply;
      }),
    edit: async (reply, body) => {
      // A 404 means that the reply was deleted, not the thread; the next search finds no reply.
      const route = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}';
      const edited = () => octokit.request(route, { ...ownerAndRepo, comment_id: reply, body });
      await convertWriteErrors(edited, []).catch((error: unknown) => {
        if (getStatus(error) === 404) known.delete({ id: reply, body });
        throw error;
      });
      known.addWritten({ id: reply, body });
    },
    react: async (comment, reaction) => {
      const { kind, number } = parseCommentId(comment);
      if (kind === 'pull_request_review') return;
      const route = `POST ${commentPaths[kind]}/reactions`;
      try {
        await convertWriteErrors(
          () => octokit.request(route, { ...ownerAndRepo, comment_id: number, content: reaction }),
          ['forbidden', 'invalid'],
        );
      } catch (error) {
        // A deleted comment needs no reaction.
        if (getStatus(error) !== 404) throw error;
      }
    },
    getCachedReactions: (comment) => known.reactions.get(comment),
    hasReacted: async (comment) => {
      const { kind, number } = parseCommentId(comment);
      if (kind === 'pull_request_review') return false;
      const route = `GET ${commentPaths[kind]}/reactions`;
      const reactions = paginate(octokit, v.array(ReactionAuthor), route, {
        ...ownerAndRepo,
        comment_id: number,
      });
      for await (const reaction of reactions) if (await identity.isOwn(reaction)) return true;
      return false;
    },
  };
};

/** Returns our reply to a comment, from the cache or by a search, which also records the reactions of the comment. */
const findReply = async (
  thread: ThreadRef,
  { id, createdAt: since }: { id: CommentId; createdAt: string },
  { octokit, identity, replyCache: known }: ThreadOptions,
): Promise<PostedReply | undefined> => {
  const cached = known.get(id);
  const current = cached && ((await fetchReply(octokit, thread, cached.id)) ?? known.deleteUnlessRecent(id));
  if (current) return current;
  const search = {
    since,
    matches: (marker: ReplyMarker): boolean => marker.comment === id,
    onListed: (listed: { id: number; reactions?: ReactionCounts | undefined }): void => {
      if (listed.id === id && listed.reactions) known.reactions.set(id, listed.reactions);
    },
  };
  const { kind, number } = parseCommentId(id);
  // The conversation does not list it.
  if (kind === 'pull_request_review_comment') {
    const reactions = await fetchReactions(octokit, thread, number);
    if (reactions) known.reactions.set(id, reactions);
  }
  const reply = await findOwnComment(octokit, thread, search, identity);
  if (reply && !known.get(id)) known.addFound(id, reply);
  return reply;
};

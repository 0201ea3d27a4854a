import * as v from 'valibot';
import { readMarker, type ReplyMarker } from './reply-marker.ts';
import { Authorship, type Identity } from './identity.ts';
import { request, paginate, toOwnerAndRepo, getStatus, type Octokit } from './api-client.ts';
import type { PostedReply } from './ports.ts';
import type { ThreadRef } from '../incoming-comment.ts';

const Comment = v.object({ ...Authorship.entries, id: v.number(), body: v.nullish(v.string(), '') });
export const ReactionCountsView = v.object({
  eyes: v.optional(v.number()),
  rocket: v.optional(v.number()),
  confused: v.optional(v.number()),
});
const DatedComment = v.object({
  ...Comment.entries,
  created_at: v.string(),
  reactions: v.optional(ReactionCountsView),
});
type DatedComment = v.InferOutput<typeof DatedComment>;

/** Returns the current content of a comment; undefined if it does not exist. */
export const fetchReply = async (
  octokit: Octokit,
  thread: ThreadRef,
  id: number,
): Promise<PostedReply | undefined> => {
  try {
    const route = 'GET /repos/{owner}/{repo}/issues/comments/{comment_id}';
    const { body } = await request(octokit, Comment, route, {
      ...toOwnerAndRepo(thread.repository.name),
      comment_id: id,
    });
    return { id, body };
  } catch (error) {
    if (getStatus(error) === 404) return undefined;
    throw error;
  }
};

/** A search among comments. `onListed` receives each listed comment, including those of other authors. */
type CommentSearch = {
  since: string;
  matches: (marker: ReplyMarker) => boolean;
  onListed?: (comment: Pick<DatedComment, 'id' | 'reactions'>) => void;
};

/**
 * Returns our first comment since a time whose marker matches. Anyone can paste a marker, so the author decides; the marker is checked
 * first because that needs no request.
 */
export const findOwnComment = async (
  octokit: Octokit,
  thread: ThreadRef,
  { since, matches, onListed = () => {} }: CommentSearch,
  identity: Identity,
): Promise<PostedReply | undefined> => {
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
  const issuePath = { ...toOwnerAndRepo(thread.repository.name), issue_number: thread.number };
  // GitHub's `since` filters by the last update, and its times have whole seconds.
  const earliest = Math.floor(Date.parse(since) / 1_000) * 1_000;
  for await (const comment of paginate(octokit, v.array(DatedComment), route, { ...issuePath, since })) {
    onListed(comment);
    const marker = readMarker(comment.body);
    if (!marker || Date.parse(comment.created_at) < earliest || !matches(marker)) continue;
    if (await identity.isOwn(comment)) return { id: comment.id, body: comment.body };
  }
  return undefined;
};

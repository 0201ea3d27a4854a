import * as v from 'valibot';
import { readMarker } from '../reply/index.ts';
import { Authorship, type Identity } from './identity.ts';
import { ask, ownerAndName, statusOf, type Octokit } from './octokit.ts';
import type { PostedReply, ThreadRef } from './port.ts';

const Comment = v.object({ ...Authorship.entries, id: v.number(), body: v.nullish(v.string(), '') });
type Comment = v.InferOutput<typeof Comment>;

const pageSize = 100;

/** Reads one comment again; undefined if it is not there. */
export const rereadReply = async (
  octokit: Octokit,
  thread: ThreadRef,
  id: number,
): Promise<PostedReply | undefined> => {
  try {
    const route = 'GET /repos/{owner}/{repo}/issues/comments/{comment_id}';
    const { body } = await ask(octokit, Comment, route, {
      ...ownerAndName(thread.repository.name),
      comment_id: id,
    });
    return { id, body };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
};

/** Looks for our reply among the thread's comments that are younger than the comment it answers. */
export const searchReply = async (
  octokit: Octokit,
  thread: ThreadRef,
  comment: { id: number; createdAt: string },
  identity: Identity,
): Promise<PostedReply | undefined> => {
  for (let page = 1; ; page += 1) {
    const comments = await ask(
      octokit,
      v.array(Comment),
      'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
      {
        ...ownerAndName(thread.repository.name),
        issue_number: thread.number,
        since: comment.createdAt,
        per_page: pageSize,
        page,
      },
    );
    const found = await firstOurs(comments, comment.id, identity);
    if (found) return { id: found.id, body: found.body };
    if (comments.length < pageSize) return undefined;
  }
};

/** Anyone can paste a marker, so the author decides; the marker is looked at first because it costs no call. */
const firstOurs = async (
  comments: Comment[],
  answered: number,
  identity: Identity,
): Promise<Comment | undefined> => {
  for (const comment of comments) {
    if (readMarker(comment.body)?.comment === answered && (await identity.wrote(comment))) return comment;
  }
  return undefined;
};

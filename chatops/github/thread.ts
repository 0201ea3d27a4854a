import * as v from 'valibot';
import type { Marker } from '../reply/marker.ts';
import { rereadReply, searchOurs } from './find-reply.ts';
import { Authorship, type Identity } from './identity.ts';
import type { KnownReplies } from './known-replies.ts';
import { ask, listed, ownerAndName, statusOf, type Octokit } from './octokit.ts';
import { WriteRefused, type PostedReply, type Thread, type ThreadRef } from './port.ts';
import { refusing } from './refusal.ts';

export type ThreadOptions = {
  /** Authenticated as the app's installation. */
  octokit: Octokit;
  identity: Identity;
  /** Shared by all threads of the process. */
  known: KnownReplies;
};

/** Whose a reaction is, is told as of a comment. */
const Reacted = v.object({ user: Authorship.entries.user });

/** A thread on GitHub. */
export const octokitThread = (thread: ThreadRef, { octokit, identity, known }: ThreadOptions): Thread => {
  const where = ownerAndName(thread.repository.name);

  const remembered = async (comment: number): Promise<PostedReply | undefined> => {
    const reply = known.of(comment);
    return reply && ((await rereadReply(octokit, thread, reply.id)) ?? known.missing(comment));
  };

  const search = (since: string, matches: (marker: Marker) => boolean): Promise<PostedReply | undefined> =>
    searchOurs(octokit, thread, { since, matches }, identity);

  const find = async (comment: { id: number; createdAt: string }): Promise<PostedReply | undefined> => {
    const answers = (marker: Marker): boolean => marker.comment === comment.id;
    const reply = (await remembered(comment.id)) ?? (await search(comment.createdAt, answers));
    if (reply && !known.of(comment.id)) known.found(comment.id, reply);
    return reply;
  };

  return {
    findReply: (comment) => refusing(() => find(comment)),
    findOurs: (since, matches) => refusing(() => search(since, matches)),
    create: (body) =>
      refusing(async () => {
        const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
        // Sent once: after an answer that was lost, the caller looks first whether the comment is there.
        const parameters = { ...where, issue_number: thread.number, body, request: { retries: 0 } };
        const { id } = await ask(octokit, v.object({ id: v.number() }), route, parameters);
        const reply = { id, body };
        known.written(reply);
        return reply;
      }),
    edit: async (reply, body) => {
      // A 404 means that the reply was deleted, not the thread: the next look finds that out.
      const route = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}';
      const edited = () => octokit.request(route, { ...where, comment_id: reply, body });
      await refusing(edited, 'comment').catch((error: unknown) => {
        if (statusOf(error) === 404) known.deleted({ id: reply, body });
        throw error;
      });
      known.written({ id: reply, body });
    },
    react: async (comment, reaction) => {
      const route = 'POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions';
      try {
        await refusing(
          () => octokit.request(route, { ...where, comment_id: comment, content: reaction }),
          'comment',
        );
      } catch (error) {
        // A comment that its author has deleted needs no reaction; where none can be given, nothing but the mark is lost.
        if (statusOf(error) !== 404 && !(error instanceof WriteRefused)) throw error;
      }
    },
    hasReacted: async (comment) => {
      const route = 'GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions';
      const reactions = listed(octokit, v.array(Reacted), route, { ...where, comment_id: comment });
      for await (const reaction of reactions) if (await identity.wrote(reaction)) return true;
      return false;
    },
  };
};

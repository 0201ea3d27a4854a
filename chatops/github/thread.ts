import * as v from 'valibot';
import type { Marker } from './reply-marker.ts';
import { rereadReply, searchOurs } from './find-reply.ts';
import { Authorship, type Identity } from './identity.ts';
import type { KnownReplies } from './reply-cache.ts';
import { ask, listed, ownerAndName, statusOf, type Octokit } from './api-client.ts';
import type { PostedReply, ReactionCounts, Thread, ThreadRef } from './ports.ts';
import { refusing } from './write-error.ts';

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
export const octokitThread = (thread: ThreadRef, options: ThreadOptions): Thread => {
  const { octokit, identity, known } = options;
  const where = ownerAndName(thread.repository.name);

  return {
    findReply: (comment) => refusing(() => find(thread, comment, options)),
    findOurs: (since, matches) => refusing(() => searchOurs(octokit, thread, { since, matches }, identity)),
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
      await refusing(edited, []).catch((error: unknown) => {
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
          ['forbidden', 'invalid'],
        );
      } catch (error) {
        // A deleted comment needs no reaction.
        if (statusOf(error) !== 404) throw error;
      }
    },
    reactionsSeen: (comment) => known.reactions.get(comment),
    hasReacted: async (comment) => {
      const route = 'GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions';
      const reactions = listed(octokit, v.array(Reacted), route, { ...where, comment_id: comment });
      for await (const reaction of reactions) if (await identity.wrote(reaction)) return true;
      return false;
    },
  };
};

/** Returns our reply to a comment, from the cache or by a search, which also records the reactions of the comment. */
const find = async (
  thread: ThreadRef,
  { id, createdAt: since }: { id: number; createdAt: string },
  { octokit, identity, known }: ThreadOptions,
): Promise<PostedReply | undefined> => {
  const before = known.of(id);
  const remembered = before && ((await rereadReply(octokit, thread, before.id)) ?? known.missing(id));
  if (remembered) return remembered;
  const search = {
    since,
    matches: (marker: Marker): boolean => marker.comment === id,
    onListed: (listed: { id: number; reactions?: ReactionCounts | undefined }): void => {
      if (listed.id === id && listed.reactions) known.reactions.set(id, listed.reactions);
    },
  };
  const reply = await searchOurs(octokit, thread, search, identity);
  if (reply && !known.of(id)) known.found(id, reply);
  return reply;
};

import { setTimeout as wait } from 'node:timers/promises';
import { readMarker, readOutcome } from '../../chatops/reply/render-reply.ts';
import { createHttpJobs, type Job, type Jobs } from '../../compute/client/index.ts';
import type { PlatformFile } from '../../local/platform/platform-file.ts';
import { retryTransient } from '../orchestrator/retry-transient.ts';
import type { Comment, GitHubClient } from './github-client.ts';
import { UserFacingError } from '../../runtime/user-facing-error.ts';

/** The reactions and the reply of a comment at one time. */
export type ThreadView = { reactions: string[]; reply: Comment | undefined };

/** The final state of a comment: its jobs, if any, and its last reactions and reply. */
export type CommentOutcome = ThreadView & { jobs: Job[] };

const finalReactions = new Set(['rocket', 'confused']);

/**
 * The time to wait for the missing part: an unauthorized user who already got an explanation today gets 😕 and no reply, and a comment
 * that accepts no reaction gets none.
 */
const maxRestSeconds = 15;

/** The reply of a comment did not become final in time. Its jobs may continue. */
export class FollowTimeoutError extends UserFacingError {
  override name = 'FollowTimeoutError';
}

/**
 * Polls a comment's reply until its jobs have ended and the thread shows it, by a reaction or by the reply itself, through failures of
 * the orchestrator. Calls `onChange` with each observation that differs from the last.
 * @param restSeconds how long to wait after a reaction without a reply, or a reply without a reaction
 * @throws FollowTimeoutError if the reply is not final after `limitSeconds`
 */
export const followComment = async (
  platform: PlatformFile,
  by: GitHubClient,
  issue: number,
  comment: Comment,
  onChange: (view: ThreadView) => void,
  limitSeconds: number,
  restSeconds = maxRestSeconds,
): Promise<CommentOutcome> => {
  const jobs = createHttpJobs(platform.orchestrator);
  const limit = AbortSignal.timeout(limitSeconds * 1000);
  let before = '';
  /** The time at which the first half of the end appeared. */
  let half = Infinity;
  while (!limit.aborted) {
    const view = await readThread(by, issue, comment);
    const now = JSON.stringify([view.reactions, view.reply?.body]);
    if (now !== before) onChange(view);
    before = now;
    const outcome = await findOutcome(jobs, view, limit);
    if (outcome && hasFinalReaction(view)) return outcome;
    const isHalf = outcome !== undefined || (!view.reply && view.reactions.includes('confused'));
    half = isHalf ? Math.min(half, Date.now()) : Infinity;
    if (Date.now() - half > restSeconds * 1000) return outcome ?? { ...view, jobs: [] };
    await wait(200);
  }
  throw new FollowTimeoutError(
    `The reply is not final after ${limitSeconds} s. The job continues; see the thread: ${platform.github.url}/${platform.github.repository}/issues/${issue}`,
  );
};

const readThread = async (by: GitHubClient, issue: number, comment: Comment): Promise<ThreadView> => {
  const [comments, reactions] = await Promise.all([
    by.commentsSince(issue, comment),
    by.reactions(comment.id),
  ]);
  const reply = comments.find(
    ({ user, body }) => user.type === 'Bot' && readMarker(body)?.comment === comment.id,
  );
  return { reactions, reply };
};

/** Returns the outcome if the reply is final: a text at once, jobs when it shows the end of each. */
const findOutcome = async (
  jobs: Jobs,
  view: ThreadView,
  limit: AbortSignal,
): Promise<CommentOutcome | undefined> => {
  if (!view.reply || !readOutcome(view.reply.body)) return undefined;
  const found = await Promise.all(listJobIds(view).map((id) => retryTransient(() => jobs.get(id), limit)));
  return { ...view, jobs: found.filter((job) => job !== undefined) };
};

/** Returns whether the final reaction is there. Reply and reaction are written one after the other, so either can appear first. */
const hasFinalReaction = (view: ThreadView): boolean =>
  view.reactions.some((reaction) => listJobIds(view).length === 0 || finalReactions.has(reaction));

const listJobIds = ({ reply }: ThreadView): readonly string[] =>
  (reply && readMarker(reply.body)?.jobs) ?? [];

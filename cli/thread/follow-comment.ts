import { setTimeout as wait } from 'node:timers/promises';
import { readMarker, shownEnd } from '../../chatops/reply/render-reply.ts';
import { httpJobs, type Job, type Jobs } from '../../compute/client/index.ts';
import type { PlatformFile } from '../../local/platform/platform-file.ts';
import type { Comment, Person } from './github-client.ts';
import { UserFacingError } from '../../runtime/user-facing-error.ts';

/** What a thread shows of one comment at one time. */
export type Sight = { reactions: string[]; reply: Comment | undefined };

/** How a comment's story ended: its jobs, none where nothing ran, and what the thread showed last. */
export type Story = Sight & { jobs: Job[] };

const finalReactions = new Set(['rocket', 'confused']);

/**
 * The time to wait for the missing part: an unauthorized user who already got an explanation today gets 😕 and no reply, and a comment
 * that accepts no reaction gets none.
 */
const restWithinSeconds = 15;

/** A comment's story could not be followed to its end; its jobs may go on. */
export class LostSight extends UserFacingError {
  override name = 'LostSight';
}

/**
 * Polls a comment's reply until its jobs have ended and the thread shows it, by a reaction or by the reply itself. Calls `onChange` with
 * each observation that differs from the last.
 * @param restSeconds how long to wait after a reaction without a reply, or a reply without a reaction
 * @throws LostSight if it has not come to an end after `limitSeconds`
 */
export const follow = async (
  platform: PlatformFile,
  by: Person,
  issue: number,
  comment: Comment,
  onChange: (sight: Sight) => void,
  limitSeconds: number,
  restSeconds = restWithinSeconds,
): Promise<Story> => {
  const jobs = httpJobs(platform.orchestrator);
  const giveUp = Date.now() + limitSeconds * 1000;
  let before = '';
  /** The time at which the first half of the end appeared. */
  let half = Infinity;
  while (Date.now() < giveUp) {
    const sight = await look(by, issue, comment);
    const now = JSON.stringify([sight.reactions, sight.reply?.body]);
    if (now !== before) onChange(sight);
    before = now;
    const story = await storyOf(jobs, sight);
    if (story && isMarked(sight)) return story;
    const isHalf = story !== undefined || (!sight.reply && sight.reactions.includes('confused'));
    half = isHalf ? Math.min(half, Date.now()) : Infinity;
    if (Date.now() - half > restSeconds * 1000) return story ?? { ...sight, jobs: [] };
    await wait(200);
  }
  throw new LostSight(
    `Not at its end after ${limitSeconds} s. It goes on; the thread shows how: ${platform.github.url}/${platform.github.repository}/issues/${issue}`,
  );
};

const look = async (by: Person, issue: number, comment: Comment): Promise<Sight> => {
  const [comments, reactions] = await Promise.all([
    by.commentsSince(issue, comment),
    by.reactions(comment.id),
  ]);
  const reply = comments.find(
    ({ user, body }) => user.type === 'Bot' && readMarker(body)?.comment === comment.id,
  );
  return { reactions, reply };
};

/** Returns the complete story when the reply shows the end: for a text at once, for jobs when it shows the end of each. */
const storyOf = async (jobs: Jobs, sight: Sight): Promise<Story | undefined> => {
  if (!sight.reply || !shownEnd(sight.reply.body)) return undefined;
  const found = await Promise.all(idsIn(sight).map((id) => jobs.get(id)));
  return { ...sight, jobs: found.filter((job) => job !== undefined) };
};

/** Reply and reaction are written one after the other, so either can appear first. */
const isMarked = (sight: Sight): boolean =>
  sight.reactions.some((reaction) => idsIn(sight).length === 0 || finalReactions.has(reaction));

const idsIn = ({ reply }: Sight): readonly string[] => (reply && readMarker(reply.body)?.jobs) ?? [];

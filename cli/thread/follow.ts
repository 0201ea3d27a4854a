import { setTimeout as wait } from 'node:timers/promises';
import { readMarker, shownEnd } from '../../chatops/reply/index.ts';
import { httpJobs, type Job, type Jobs } from '../../compute/client/index.ts';
import type { PlatformFile } from '../platform/file.ts';
import type { Comment, Person } from './github.ts';

/** What a thread shows of one comment at one time. */
export type Sight = { reactions: string[]; reply: Comment | undefined };

/** How a comment's story ended: its jobs, none where nothing ran, and what the thread showed last. */
export type Story = Sight & { jobs: Job[] };

const finalReactions = new Set(['rocket', 'confused']);

/**
 * Who was told today that they may not gets 😕 and no reply, and a comment that takes no reaction gets none: what is still to come
 * comes within this time.
 */
const restWithinSeconds = 15;

/** A comment's story could not be followed to its end; its jobs may go on. */
export class LostSight extends Error {
  override name = 'LostSight';
}

/**
 * Looks at a comment's reply until the jobs of it have ended and the thread says so, by a reaction or by the reply itself.
 * `onChange` gets each sight that differs from the one before.
 * @param restSeconds how long a reaction without a reply, or a reply without a reaction, is waited on
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
  /** Since when half of the end is there. */
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

/** The whole story once the reply says how it ended: that of a text at once, of jobs when it shows the end of each. */
const storyOf = async (jobs: Jobs, sight: Sight): Promise<Story | undefined> => {
  if (!sight.reply || !shownEnd(sight.reply.body)) return undefined;
  const found = await Promise.all(idsIn(sight).map((id) => jobs.get(id)));
  return { ...sight, jobs: found.filter((job) => job !== undefined) };
};

/** Reply and reaction are written one after the other: either may be seen first. */
const isMarked = (sight: Sight): boolean =>
  sight.reactions.some((reaction) => idsIn(sight).length === 0 || finalReactions.has(reaction));

const idsIn = ({ reply }: Sight): readonly string[] => (reply && readMarker(reply.body)?.jobs) ?? [];

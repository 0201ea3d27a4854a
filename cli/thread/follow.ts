import { setTimeout as wait } from 'node:timers/promises';
import { readMarker } from '../../chatops/reply/index.ts';
import { httpJobs, type Job, type Jobs } from '../../compute/client/index.ts';
import { hasEnded } from '../../compute/formats/job.ts';
import type { PlatformFile } from '../platform/file.ts';
import type { Comment, Person } from './github.ts';

/** What a thread shows of one comment at one time. */
export type Sight = { reactions: string[]; reply: Comment | undefined };

/** How a comment's story ended: its jobs, none where nothing ran, and what the thread showed last. */
export type Story = Sight & { jobs: Job[] };

const finalReactions = new Set(['rocket', 'confused']);

/** Who was told today that they may not gets 😕 and no reply; one that is to come comes within this time. */
const replyWithinSeconds = 15;

/** A comment's story could not be followed to its end; its jobs may go on. */
export class LostSight extends Error {
  override name = 'LostSight';
}

/**
 * Looks at a comment's reply until the jobs of it have ended and the thread says so. `onChange` gets each sight that differs
 * from the one before.
 * @throws LostSight if it has not come to an end after `limitSeconds`
 */
export const follow = async (
  platform: PlatformFile,
  by: Person,
  issue: number,
  comment: Comment,
  onChange: (sight: Sight) => void,
  limitSeconds: number,
  replySeconds = replyWithinSeconds,
): Promise<Story> => {
  const jobs = httpJobs(platform.orchestrator);
  const giveUp = Date.now() + limitSeconds * 1000;
  let before = '';
  let refused = Infinity;
  while (Date.now() < giveUp) {
    const sight = await look(by, issue, comment);
    const now = JSON.stringify([sight.reactions, sight.reply?.body]);
    if (now !== before) onChange(sight);
    before = now;
    const story = await storyOf(jobs, sight);
    if (story) return story;
    if (sight.reactions.includes('confused')) refused = Math.min(refused, Date.now());
    if (!sight.reply && Date.now() - refused > replySeconds * 1000) return { ...sight, jobs: [] };
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

/** The whole story once it is over: a reply and a reaction are there and no job runs, or each has ended and its end is on the thread. */
const storyOf = async (jobs: Jobs, sight: Sight): Promise<Story | undefined> => {
  if (!sight.reply) return undefined;
  const ids = readMarker(sight.reply.body)?.jobs ?? [];
  const found = (await Promise.all(ids.map((id) => jobs.get(id)))).filter((job) => job !== undefined);
  const over = found.every(({ state }) => hasEnded(state)) && found.length === ids.length;
  // Reply and reaction are written at once: either may be seen first.
  const told = sight.reactions.some((reaction) => ids.length === 0 || finalReactions.has(reaction));
  return over && told ? { ...sight, jobs: found } : undefined;
};

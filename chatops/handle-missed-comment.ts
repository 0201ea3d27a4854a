import { keep } from './audit.ts';
import type { IncomingComment } from './github/ports.ts';
import { knownJob } from './handlers/start-job.ts';
import { openForm } from './job/index.ts';
import { listen } from './select-commands.ts';
import * as say from './reply/answers/index.ts';
import { hasSection, maxSections } from './reply/render-reply.ts';
import { turnOf, type Turn } from './comment-result.ts';
import { refused, type ConversationPorts, type Turned, type Visit } from './command-context.ts';
import { wholeRefusal } from './whole.ts';

/**
 * Answers a comment that was missed too long ago to act on: it says which commands to write again. Undefined if there are none:
 * what has a reply or a job was not missed.
 */
export const answerMissed = async (
  comment: IncomingComment,
  ports: ConversationPorts,
): Promise<Turn | undefined> => {
  const heard = await listen(comment, ports, unanswered);
  if (!heard) return undefined;
  const { items, visit } = heard;
  const [first] = items;
  const missed = refused(say.missed(items.map(({ item }) => openForm(item))), 'missed');
  const answered = wholeRefusal(heard) ?? ([first, missed] as const);
  keep(visit, items, answered[1]);
  return turnOf(visit, [answered]);
};

/** Those without a job, and of an edited comment those that its reply says nothing to: the others were there before. */
const unanswered = async (all: Turned[], visit: Visit): Promise<Turned[]> => {
  const items = all.slice(0, maxSections);
  const reply = await visit.existingReply();
  if (reply && visit.comment.event.kind !== 'edited') return [];
  const answered = await Promise.all(
    items.map(async ({ item }) => {
      if (reply && hasSection(reply.body, item.key)) return true;
      return item.kind === 'command' && (await knownJob(item, visit)) !== undefined;
    }),
  );
  return items.filter((_, n) => !answered[n]);
};

import { answer } from './dispatch.ts';
import { keep } from './audit.ts';
import { unlessRefused, type IncomingComment } from './github/ports.ts';
import { vouchFor } from './job/index.ts';
import { listen, type Heard } from './select-commands.ts';
import { earlierAnswer, maxSections, updateReply, type Section } from './reply/render-reply.ts';
import { turnOf, type Answered, type Turn } from './comment-result.ts';
import { type ConversationPorts, type Outcome, type Turned, type Visit } from './command-context.ts';
import { wholeRefusal } from './whole.ts';

export type { Turn } from './comment-result.ts';

/**
 * Comment in, jobs started, answers out. Undefined if there is no command for us in the comment; then nothing is written.
 * The same comment may come any number of times, also at once: it starts the same jobs, and they start once.
 * @throws the fault of a call, after all commands were tried: the comment is to be delivered again
 */
export const converse = async (
  comment: IncomingComment,
  ports: ConversationPorts,
): Promise<Turn | undefined> => {
  const heard = await listen(comment, ports);
  return heard && turnOf(heard.visit, await outcomesOf(heard));
};

const outcomesOf = async (heard: Heard): Promise<Answered[]> => {
  const { items, visit } = heard;
  const refusal = wholeRefusal(heard);
  if (refusal) {
    keep(visit, items.slice(0, maxSections), refusal[1]);
    return [refusal];
  }
  const answers = inTurns(items, async (turned): Promise<Answered> => [
    turned,
    await answerOnce(turned, visit),
  ]);
  // Where one of the commands fails, what the others have done is done.
  for (const answered of await Promise.allSettled(answers))
    if (answered.status === 'fulfilled') keep(visit, [answered.value[0]], answered.value[1]);
  return Promise.all(answers);
};

/** All at once; if one acts on what others may have to do with, such as a lock, one after the other. */
const inTurns = <T>(items: readonly Turned[], work: (turned: Turned) => Promise<T>): Promise<T>[] => {
  if (!items.some(isActing)) return items.map(work);
  let before: Promise<unknown> = Promise.resolve();
  return items.map((turned) => {
    const done = before.then(() => work(turned));
    before = done.catch(() => {});
    return done;
  });
};

/** Commands that act and start no job. What they did once, an answer tells: delivered again, they do not act again. */
const acting: ReadonlySet<string> = new Set(['cancel', 'approve', 'reject', 'lock', 'unlock']);

const isActing = ({ item }: Turned): boolean => item.kind === 'command' && acting.has(item.command.name);

const answerOnce = async (turned: Turned, visit: Visit): Promise<Outcome> => {
  const existing = isActing(turned) ? await visit.existingReply() : undefined;
  const earlier = existing && earlierAnswer(existing.body, turned.item.key);
  if (earlier?.kind === 'answer') return { says: earlier, allowed: true, reason: 'known', outcome: 'known' };
  return answer(turned, visit);
};

/** Reacts to the comment, and creates its one reply or brings it up to date. To be called one at a time for a comment. */
export const reply = async (
  comment: IncomingComment,
  turn: Turn,
  ports: ConversationPorts,
): Promise<void> => {
  const mark = (): Promise<void> => unlessRefused(ports.thread.react(comment.comment.id, turn.reaction));
  if (!turn.news) return mark();
  // The reply matters more than the reaction: a failed reaction does not justify retrying both.
  const marked = (): Promise<void> => mark().catch(() => {});
  if (turn.sections.every(({ kind }) => kind === 'job')) {
    await allOf([marked(), post(comment, turn, ports)]);
    return;
  }
  // Who looks for missed comments takes a mark for an answer, and no job would make up for a text.
  await post(comment, turn, ports);
  await marked();
};

const post = async (
  { comment, thread, about: { comments } }: IncomingComment,
  { sections, edited, explained }: Turn,
  ports: ConversationPorts,
): Promise<void> => {
  const [now, isPublic, existing] = await Promise.all([
    Promise.all(sections.map((section) => latest(section, ports))),
    ports.visibility.isPublic(thread.repository),
    ports.thread.findReply(comment),
  ]);
  const keep = edited ? 'all' : 'jobs';
  const reply = { comment: comment.id, sections: now, isPublic, keep, explained, comments } as const;
  const { body, changed } = updateReply(existing?.body, reply);
  if (!existing) await ports.thread.create(body);
  else if (changed) await ports.thread.edit(existing.id, body);
};

/** A section with its job as it is now. Without an answer it stays as it was: whoever follows the job corrects it. */
const latest = async (section: Section, { jobs }: ConversationPorts): Promise<Section> => {
  if (section.kind !== 'job') return section;
  const job = await jobs.get(section.job.id).catch(() => undefined);
  // That it is the command's was found out before.
  return job ? { ...section, job: vouchFor(job) } : section;
};

/** What all of them give. Every one is waited for, and only then the first fault is thrown. */
const allOf = async <T>(calls: Promise<T>[]): Promise<T[]> => {
  await Promise.allSettled(calls);
  return Promise.all(calls);
};

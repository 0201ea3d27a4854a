import { answer } from './answer.ts';
import { auditOf } from './audit.ts';
import { mayHoldCommand } from './command/index.ts';
import type { IncomingComment } from './github/port.ts';
import { knownJob } from './handlers/start.ts';
import { openForm } from './job/index.ts';
import { commandsFor } from './listening.ts';
import * as say from './reply/answers/index.ts';
import { earlierAnswer, maxSections, updateReply, type Section } from './reply/index.ts';
import { turnOf, type Answered, type Turn } from './turn.ts';
import { refused, type ConversationPorts, type Outcome, type Turned, type Visit } from './visit.ts';
import { visitOf } from './visiting.ts';
import { wholeRefusal } from './whole.ts';

export type { Turn } from './turn.ts';

/**
 * Comment in, jobs started, answers out. Undefined if there is no command for us in the comment; then nothing is written.
 * The same comment may come any number of times, also at once: it starts the same jobs, and they start once.
 * @throws the fault of a call, after all commands were tried: the comment is to be delivered again
 */
export const converse = async (
  comment: IncomingComment,
  ports: ConversationPorts,
): Promise<Turn | undefined> => {
  if (!mayHoldCommand(comment.comment.body)) return undefined;
  const visit = await visitOf(comment, ports);
  if (isOthers(visit)) return undefined;
  const items = await commandsFor(visit);
  if (items.length === 0 || !(await isOurs(visit))) return undefined;
  return turnOf(visit, await outcomesOf(items, visit));
};

/**
 * Answers a comment that was missed too long ago to act on: it says which commands to write again. Undefined if there are none:
 * what has a reply or a job was not missed.
 */
export const answerMissed = async (
  comment: IncomingComment,
  ports: ConversationPorts,
): Promise<Turn | undefined> => {
  if (!mayHoldCommand(comment.comment.body)) return undefined;
  const visit = await visitOf(comment, ports);
  if (isOthers(visit) || (await visit.existingReply())) return undefined;
  const items = await withoutJob((await commandsFor(visit)).slice(0, maxSections), visit);
  const [first] = items;
  if (!first || !(await isOurs(visit))) return undefined;
  const missed = refused(say.missed(items.map(({ item }) => openForm(item))), 'missed');
  const answered = wholeRefusal(items, visit) ?? ([first, missed] as const);
  keep(visit, items, answered[1]);
  return turnOf(visit, [answered]);
};

/** Where a repository has both entries, its policy may say which one answers. */
const isOthers = ({ policy, ports }: Visit): boolean =>
  policy.entry !== null && policy.entry !== ports.entry.name;

/** Where the policy does not say it, whoever is the first to find a command in a comment answers that. */
const isOurs = async ({ policy, comment, ports }: Visit): Promise<boolean> =>
  policy.entry !== null || ports.entry.claims(comment);

const withoutJob = async (items: Turned[], visit: Visit): Promise<Turned[]> => {
  const known = await Promise.all(
    items.map(async ({ item }) => item.kind === 'command' && (await knownJob(item, visit)) !== undefined),
  );
  return items.filter((_, n) => !known[n]);
};

const outcomesOf = async (items: Turned[], visit: Visit): Promise<Answered[]> => {
  const refusal = wholeRefusal(items, visit);
  if (refusal) {
    keep(visit, items.slice(0, maxSections), refusal[1]);
    return [refusal];
  }
  const answers = items.map(async (turned) => [turned, await answerOnce(turned, visit)] as const);
  // Where one of the commands fails, what the others have done is done.
  for (const answered of await Promise.allSettled(answers))
    if (answered.status === 'fulfilled') keep(visit, [answered.value[0]], answered.value[1]);
  return Promise.all(answers);
};

/** Each decision goes into the audit. */
const keep = (visit: Visit, items: readonly Turned[], outcome: Outcome): void => {
  for (const turned of items) visit.ports.audit.record(auditOf(turned, outcome, visit));
};

/** Commands that act and start no job. What they did once, an answer tells: delivered again, they do not act again. */
const acting: ReadonlySet<string> = new Set(['cancel', 'approve', 'reject', 'lock', 'unlock']);

const answerOnce = async (turned: Turned, visit: Visit): Promise<Outcome> => {
  const { item } = turned;
  const existing =
    item.kind === 'command' && acting.has(item.command.name) ? await visit.existingReply() : undefined;
  const earlier = existing && earlierAnswer(existing.body, item.key);
  if (earlier?.kind === 'answer') return { says: earlier, allowed: true, reason: 'known', outcome: 'known' };
  return answer(turned, visit);
};

/** Reacts to the comment, and creates its one reply or brings it up to date. To be called one at a time for a comment. */
export const reply = async (
  comment: IncomingComment,
  turn: Turn,
  ports: ConversationPorts,
): Promise<void> => {
  const mark = (): Promise<void> => ports.thread.react(comment.comment.id, turn.reaction);
  if (!turn.news) return mark();
  if (turn.sections.every(({ kind }) => kind === 'job')) {
    await allOf([mark(), post(comment, turn, ports)]);
    return;
  }
  // Who looks for missed comments takes a mark for an answer, and no job would make up for a text.
  await post(comment, turn, ports);
  await mark();
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
  return job ? { ...section, job } : section;
};

/** What all of them give. Every one is waited for, and only then the first fault is thrown. */
const allOf = async <T>(calls: Promise<T>[]): Promise<T[]> => {
  await Promise.allSettled(calls);
  return Promise.all(calls);
};

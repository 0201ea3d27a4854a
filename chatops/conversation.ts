import { answer } from './answer.ts';
import { mayHoldCommand } from './command/index.ts';
import type { IncomingComment } from './github/port.ts';
import { commandsFor } from './listening.ts';
import * as say from './reply/answers/index.ts';
import { earlierAnswer, updateReply, type Section } from './reply/index.ts';
import { turnOf, type Answered, type Turn } from './turn.ts';
import { refused, type ConversationPorts, type Outcome, type Turned, type Visit } from './visit.ts';
import { visitOf } from './visiting.ts';
import { wholeRefusal } from './whole.ts';

export type { Turn } from './turn.ts';

/** Which of the two entries is asking: where a repository has both, its policy says which one answers. */
export type Entry = 'app' | 'action';

/**
 * Comment in, jobs started, answers out. Undefined if there is no command for us in the comment; then nothing is written.
 * The same comment may come any number of times, also at once: it starts the same jobs, and they start once.
 * @throws the fault of a call, after all commands were tried: the comment is to be delivered again
 */
export const converse = async (
  comment: IncomingComment,
  ports: ConversationPorts,
  entry: Entry = 'app',
): Promise<Turn | undefined> => {
  if (!mayHoldCommand(comment.comment.body)) return undefined;
  const visit = await visitOf(comment, ports);
  if (visit.policy.entry !== null && visit.policy.entry !== entry) return undefined;
  const items = await commandsFor(visit);
  if (items.length === 0) return undefined;
  return turnOf(visit, await outcomesOf(items, visit));
};

/** Answers a comment that was missed too long ago to act on: it says which commands to write again. Undefined if it has none. */
export const answerMissed = async (
  comment: IncomingComment,
  ports: ConversationPorts,
): Promise<Turn | undefined> => {
  const visit = await visitOf(comment, ports);
  const items = await commandsFor(visit);
  if (items.length === 0) return undefined;
  const commands = items.map(({ item }) => (item.kind === 'command' ? item.command.canonical : item.heading));
  const outcome = refused(say.missed(commands), 'missed');
  return turnOf(visit, [[items[0] as Turned, outcome]]);
};

const outcomesOf = async (items: Turned[], visit: Visit): Promise<Answered[]> => {
  const refusal = wholeRefusal(items, visit);
  if (refusal) return [refusal];
  return allOf(items.map(async (turned) => [turned, await answerOnce(turned, visit)] as const));
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
  const writes = [ports.thread.react(comment.comment.id, turn.reaction)];
  if (turn.news) writes.push(post(comment, turn, ports));
  await allOf(writes);
};

const post = async (
  { comment, thread }: IncomingComment,
  { sections, edited, denied }: Turn,
  ports: ConversationPorts,
): Promise<void> => {
  const [now, isPublic, existing] = await Promise.all([
    Promise.all(sections.map((section) => latest(section, ports))),
    ports.visibility.isPublic(thread.repository),
    ports.thread.findReply(comment),
  ]);
  const keep = edited ? 'all' : 'jobs';
  const reply = { comment: comment.id, sections: now, isPublic, keep, denied } as const;
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

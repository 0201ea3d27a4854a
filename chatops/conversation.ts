import { createHash } from 'node:crypto';
import { answer } from './answer.ts';
import { auditOf } from './audit.ts';
import { addedCommands, mayHoldCommand, readCommands, type CommandItem } from './command/index.ts';
import type { IncomingComment, Reaction } from './github/port.ts';
import { maySomething } from './rights.ts';
import * as say from './reply/answers/index.ts';
import { earlierAnswer, maxSections, updateReply, type Section } from './reply/index.ts';
import { visitOf } from './visiting.ts';
import { refused, type ConversationPorts, type Outcome, type Turned, type Visit } from './visit.ts';
import { threadAllowed } from './policy/index.ts';

/** What is answered to a comment. */
export type Turn = {
  reaction: Reaction;
  /** A section of the reply for each command; none if the reaction says it all. */
  sections: Section[];
  /** The comment was edited: what its reply says to commands that were there before stays. */
  edited: boolean;
  /** The person who is told that it may not do this: once a day in a thread. */
  denied: number | null;
  /** Whether there is something to write that nobody else writes: a text, or a job that this very call has started. */
  news: boolean;
};

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
  const items = await forUs(commandsOf(visit), visit);
  if (items.length === 0) return undefined;
  return turnOf(visit, await outcomesOf(items, visit));
};

/** Answers a comment that was missed too long ago to act on: it says which commands to write again. Undefined if it has none. */
export const answerMissed = async (
  comment: IncomingComment,
  ports: ConversationPorts,
): Promise<Turn | undefined> => {
  const visit = await visitOf(comment, ports);
  const items = await forUs(commandsOf(visit), visit);
  if (items.length === 0) return undefined;
  const commands = items.map((item) => (item.kind === 'command' ? item.command.canonical : item.heading));
  const outcome = refused(say.missed(commands), 'missed');
  return turnOf(visit, [[{ item: items[0] as CommandItem, index: 0 }, outcome]]);
};

/** The commands that this event brings: of an edited comment those that it did not hold before. */
const commandsOf = ({ comment, grammar }: Visit): CommandItem[] => {
  const { body } = comment.comment;
  if (comment.event.kind === 'created') return readCommands(body, grammar);
  const { before } = comment.event;
  return before === null ? readCommands(body, grammar) : addedCommands(before, body, grammar);
};

/** A bare word that only resembles a command is for us only if its author could have meant one; other programs are unheard. */
const forUs = async (items: CommandItem[], visit: Visit): Promise<CommandItem[]> => {
  const { author } = visit.comment;
  if (items.length === 0) return [];
  if (author.kind === 'bot' && !(await maySomething(visit))) return [];
  const isDoubtful = (item: CommandItem): boolean => item.kind === 'mistakes' && item.doubtful;
  if (!items.some(isDoubtful) || (await maySomething(visit))) return items;
  return items.filter((item) => !isDoubtful(item));
};

type Answered = readonly [turned: Turned, outcome: Outcome];

const outcomesOf = async (items: CommandItem[], visit: Visit): Promise<Answered[]> => {
  const refusal = wholeRefusal(items, visit);
  if (refusal) return [refusal];
  const turns = items.map((item, index): Turned => ({ item, index }));
  return allOf(turns.map(async (turned) => [turned, await answerOnce(turned, visit)] as const));
};

/** What is wrong with the comment as a whole: then none of its commands is carried out. */
const wholeRefusal = (items: CommandItem[], { comment, policy }: Visit): Answered | undefined => {
  const [first] = items as [CommandItem];
  const about = (subject: string, outcome: Outcome): Answered => {
    const key = createHash('sha256').update(subject).digest('hex').slice(0, 8);
    return [{ item: { ...first, key }, index: 0 }, outcome];
  };
  const { event, author, thread } = comment;
  if (event.kind === 'edited' && (event.editor.id !== author.id || event.before === null)) {
    const editor = event.editor.id === author.id ? null : event.editor.login;
    return about('edited', refused(say.editedByOther(author.login, editor), 'edited-by-other'));
  }
  if (!threadAllowed(policy, thread.kind, comment.about.labels)) {
    const command = first.kind === 'command' ? first.command.canonical : first.heading;
    return about('thread', refused(say.notHere(command, policy.threads), 'not-here', { denied: true }));
  }
  if (items.length > maxSections)
    return about('too-many', refused(say.tooMany(items.length, maxSections), 'too-many'));
  return undefined;
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

const day = 86_400_000;

const turnOf = async (visit: Visit, outcomes: readonly Answered[]): Promise<Turn> => {
  const { comment, ports } = visit;
  for (const [turned, outcome] of outcomes) ports.audit.record(auditOf(turned, outcome, visit));
  const sections = outcomes.map(([{ item, index }, { says }]): Section => ({
    ...says,
    key: item.key,
    index,
  }));
  const denied = outcomes.every(([, outcome]) => outcome.denied) ? comment.author.id : null;
  const told = denied !== null && (await wasToldToday(denied, visit));
  return {
    reaction: sections.some(({ kind }) => kind === 'refusal') ? 'confused' : 'eyes',
    sections: told ? [] : sections,
    edited: comment.event.kind === 'edited',
    denied,
    news: !told && outcomes.some(([, { says, outcome }]) => says.kind !== 'job' || outcome !== 'known'),
  };
};

/** Whether another reply of the last day in this thread has told the person that it may not. */
const wasToldToday = async (person: number, { comment, ports }: Visit): Promise<boolean> => {
  const since = new Date(Date.parse(comment.comment.createdAt) - day).toISOString();
  const found = await ports.thread.findOurs(
    since,
    (marker) => marker.denied === person && marker.comment !== comment.comment.id,
  );
  return found !== undefined;
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

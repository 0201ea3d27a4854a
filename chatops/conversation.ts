import type { Jobs } from '../compute/client/index.ts';
import { answer, type Visit } from './answer.ts';
import { readCommands } from './command/index.ts';
import type { IncomingComment, Permissions, Reaction, Thread, Visibility } from './github/port.ts';
import { tooMany } from './reply/answers.ts';
import { maxSections, updateReply, type Section } from './reply/index.ts';

/** What a conversation needs of GitHub and of the orchestrator. */
export type ConversationPorts = {
  jobs: Jobs;
  permissions: Permissions;
  thread: Thread;
  visibility: Visibility;
};

/** What is answered to a comment: a reaction to it, and a section of the reply for each of its commands. */
export type Turn = { reaction: Reaction; sections: Section[] };

/**
 * Comment in, jobs started, answers out. Undefined if there is no command in the comment; then nobody was asked anything.
 * The same comment may come any number of times, also at once: it starts the same jobs, and they start once.
 * @throws the fault of a call, after all commands were tried: the comment is to be delivered again
 */
export const converse = async (
  comment: IncomingComment,
  ports: ConversationPorts,
): Promise<Turn | undefined> => {
  const items = readCommands(comment.comment.body);
  if (items.length === 0) return undefined;
  if (items.length > maxSections) {
    return turnOf([{ kind: 'refusal', index: 0, markdown: tooMany(items.length, maxSections) }]);
  }
  const visit = visitOf(comment, ports);
  return turnOf(await allOf(items.map((item, index) => answer(item, index, visit))));
};

/** Reacts to the comment, and creates its one reply or brings it up to date. To be called one at a time for a comment. */
export const reply = async (
  comment: IncomingComment,
  turn: Turn,
  ports: ConversationPorts,
): Promise<void> => {
  await allOf([ports.thread.react(comment.comment.id, turn.reaction), post(comment, turn, ports)]);
};

const post = async (
  { comment, thread }: IncomingComment,
  turn: Turn,
  ports: ConversationPorts,
): Promise<void> => {
  const [sections, isPublic, existing] = await Promise.all([
    Promise.all(turn.sections.map((section) => latest(section, ports.jobs))),
    ports.visibility.isPublic(thread.repository),
    ports.thread.findReply(comment),
  ]);
  const { body, changed } = updateReply(existing?.body, { comment: comment.id, sections, isPublic });
  if (!existing) await ports.thread.create(body);
  else if (changed) await ports.thread.edit(existing.id, body);
};

/** A section with its job as it is now. Without an answer it stays as it was: whoever follows the job corrects it. */
const latest = async (section: Section, jobs: Jobs): Promise<Section> => {
  if (section.kind !== 'job') return section;
  const job = await jobs.get(section.job.id).catch(() => undefined);
  return job ? { ...section, job } : section;
};

const turnOf = (sections: Section[]): Turn => ({
  reaction: sections.some(({ kind }) => kind === 'refusal') ? 'confused' : 'eyes',
  sections,
});

const visitOf = (comment: IncomingComment, { jobs, permissions, thread }: ConversationPorts): Visit => {
  const list = once(() => jobs.tasks());
  return {
    comment,
    jobs,
    level: once(() => permissions.level(comment.thread.repository, comment.author)),
    catalogue: async () => (await list()).tasks,
    definitionFault: async (task) => (await list()).invalid.find(({ name }) => name === task)?.message,
    existingReply: once(() => thread.findReply(comment.comment)),
  };
};

/** What all of them give. Every one is waited for, and only then the first fault is thrown. */
const allOf = async <T>(calls: Promise<T>[]): Promise<T[]> => {
  await Promise.allSettled(calls);
  return Promise.all(calls);
};

const once = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let asked: Promise<T> | undefined;
  return () => (asked ??= ask());
};

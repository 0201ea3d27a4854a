import type { Jobs, TaskDefinition } from '../compute/client/index.ts';
import {
  help,
  interpret,
  needsCatalogue,
  readCommands,
  taskTable,
  type CommandItem,
} from './command/index.ts';
import type {
  IncomingComment,
  Level,
  Permissions,
  PostedReply,
  Reaction,
  Thread,
  Visibility,
} from './github/port.ts';
import { cancelJob, jobRequest, queuedJob, shortForm, type Order } from './job/index.ts';
import { decide } from './policy/index.ts';
import { earlierAnswer, maxSections, updateReply, type Section } from './reply/index.ts';
import * as say from './reply/answers.ts';

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
  if (items.length > maxSections) return turnOf([refusal(0, say.tooMany(items.length, maxSections))]);
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

const refusal = (index: number, markdown: string): Section => ({ kind: 'refusal', index, markdown });

/** A comment that is being answered, with what its commands need to know, each asked for once at most. */
type Visit = {
  comment: IncomingComment;
  jobs: Jobs;
  level(): Promise<Level>;
  catalogue(): Promise<readonly TaskDefinition[]>;
  existingReply(): Promise<PostedReply | undefined>;
};

const visitOf = (comment: IncomingComment, { jobs, permissions, thread }: ConversationPorts): Visit => ({
  comment,
  jobs,
  level: once(() => permissions.level(comment.thread.repository, comment.author.login)),
  catalogue: once(async () => (await jobs.tasks()).tasks),
  existingReply: once(() => thread.findReply(comment.comment)),
});

const answer = async (item: CommandItem, index: number, visit: Visit): Promise<Section> => {
  if (item.kind === 'mistakes') return refusal(index, say.mistakes(item.heading, item.mistakes));
  const { command } = item;
  const decision = decide(command.name, await visit.level());
  if (!decision.allowed)
    return refusal(index, say.notAllowed(shortForm(command), visit.comment.author.login, decision));
  const catalogue = needsCatalogue(command) ? await visit.catalogue() : [];
  const reading = interpret(command, catalogue);
  if ('mistakes' in reading) return refusal(index, say.mistakes(shortForm(command), reading.mistakes));
  const { intent } = reading;
  if (intent.kind === 'help') return { kind: 'answer', index, markdown: help(intent.about, catalogue) };
  if (intent.kind === 'tasks') return { kind: 'answer', index, markdown: taskTable(catalogue) };
  if (intent.kind === 'cancel') return cancel(intent.job, index, visit);
  return start({ command, intent, index }, catalogue, visit);
};

const start = async (
  order: Order,
  catalogue: readonly TaskDefinition[],
  { comment, jobs }: Visit,
): Promise<Section> => {
  const request = jobRequest(order, comment, catalogue);
  const answer = await jobs.start(request);
  if ('problem' in answer) return refusal(order.index, say.notStarted(request.origin.command, answer));
  return { kind: 'job', index: order.index, job: queuedJob(request) };
};

/** A `/cancel` that was answered is not carried out again. */
const cancel = async (id: string | undefined, index: number, visit: Visit): Promise<Section> => {
  const existing = await visit.existingReply();
  const earlier = existing && earlierAnswer(existing.body, index);
  if (earlier) return earlier;
  const done = await cancelJob(visit.comment, id, visit.jobs);
  return { kind: done.outcome === 'stopping' ? 'answer' : 'refusal', index, markdown: say.canceled(done) };
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

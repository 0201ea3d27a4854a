import { commandSpecs } from './command/index.ts';
import { dispatch } from './dispatch.ts';
import { recordOutcome } from './audit.ts';
import { ignoreRefusedWrite } from './github/ports.ts';
import type { IncomingComment } from './incoming-comment.ts';
import { trustOrigin } from './job/index.ts';
import { selectCommands, type CommandSelection } from './select-commands.ts';
import { readAnswer, maxSections, updateReply, type ReplySection } from './reply/render-reply.ts';
import { writeReply } from './reply-sync/sync-reply.ts';
import { buildCommentResult, type ProcessedCommand, type CommentResult } from './comment-result.ts';
import {
  type CommandPorts,
  type CommandOutcome,
  type SelectedCommand,
  type CommandContext,
} from './command-context.ts';
import { findCommentRefusal } from './whole.ts';

export type { CommentResult } from './comment-result.ts';

/**
 * Comment in, jobs started, answers out. Undefined if there is no command for us in the comment; then nothing is written.
 * The same comment may come any number of times, also at once: it starts the same jobs, and they start once.
 * @throws the fault of a call, after all commands were tried: the comment is to be delivered again
 */
export const handleComment = async (
  comment: IncomingComment,
  ports: CommandPorts,
): Promise<CommentResult | undefined> => {
  const heard = await selectCommands(comment, ports);
  return heard && buildCommentResult(heard.visit, await runCommands(heard));
};

const runCommands = async (heard: CommandSelection): Promise<ProcessedCommand[]> => {
  const { items, visit } = heard;
  const refusal = findCommentRefusal(heard);
  if (refusal) {
    recordOutcome(visit, items.slice(0, maxSections), refusal[1]);
    return [refusal];
  }
  const answers = runInOrder(items, async (turned): Promise<ProcessedCommand> => [
    turned,
    await dispatchOnce(turned, visit),
  ]);
  // Where one of the commands fails, what the others have done is done.
  for (const answered of await Promise.allSettled(answers))
    if (answered.status === 'fulfilled') recordOutcome(visit, [answered.value[0]], answered.value[1]);
  return Promise.all(answers);
};

/** All at once; if one acts on what others may have to do with, such as a lock, one after the other. */
const runInOrder = <T>(
  items: readonly SelectedCommand[],
  work: (turned: SelectedCommand) => Promise<T>,
): Promise<T>[] => {
  if (!items.some(isMutating)) return items.map(work);
  let before: Promise<unknown> = Promise.resolve();
  return items.map((turned) => {
    const done = before.then(() => work(turned));
    before = done.catch(() => {});
    return done;
  });
};

/** Returns whether a command changes something without starting a job. It must not run again if its answer is in the reply. */
const isMutating = ({ item }: SelectedCommand): boolean =>
  item.kind === 'command' && commandSpecs[item.command.name].mutates === true;

const dispatchOnce = async (turned: SelectedCommand, visit: CommandContext): Promise<CommandOutcome> => {
  const existing = isMutating(turned) ? await visit.existingReply() : undefined;
  const earlier = existing && readAnswer(existing.body, turned.item.key);
  if (earlier?.kind === 'answer') return { says: earlier, allowed: true, reason: 'known', outcome: 'known' };
  return dispatch(turned, visit);
};

/** Reacts to the comment, and creates its one reply or brings it up to date. To be called one at a time for a comment. */
export const postReply = async (
  comment: IncomingComment,
  turn: CommentResult,
  ports: CommandPorts,
): Promise<void> => {
  const mark = (): Promise<void> => ignoreRefusedWrite(ports.thread.react(comment.comment.id, turn.reaction));
  if (!turn.news) return mark();
  // The reply matters more than the reaction: a failed reaction does not justify retrying both.
  const marked = (): Promise<void> => mark().catch(() => {});
  if (turn.sections.every(({ kind }) => kind === 'job')) {
    await settleAll([marked(), writeSections(comment, turn, ports)]);
    return;
  }
  // Who looks for missed comments takes a mark for an answer, and no job would make up for a text.
  await writeSections(comment, turn, ports);
  await marked();
};

const writeSections = async (
  { comment, thread, threadState: { comments } }: IncomingComment,
  { sections, edited, explained }: CommentResult,
  ports: CommandPorts,
): Promise<void> => {
  const [now, isPublic, existing] = await Promise.all([
    Promise.all(sections.map((section) => refreshSection(section, ports))),
    ports.visibility.isPublic(thread.repository),
    ports.thread.findReply(comment),
  ]);
  const keep = edited ? 'all' : 'jobs';
  const reply = { comment: comment.id, sections: now, isPublic, keep, explained, comments } as const;
  await writeReply(ports.thread, existing, updateReply(existing?.body, reply));
};

/** A section with its job as it is now. Without an answer it stays as it was: whoever follows the job corrects it. */
const refreshSection = async (section: ReplySection, { jobs }: CommandPorts): Promise<ReplySection> => {
  if (section.kind !== 'job') return section;
  const job = await jobs.get(section.job.id).catch(() => undefined);
  // That it is the command's was found out before.
  return job ? { ...section, job: trustOrigin(job) } : section;
};

/** What all of them give. Every one is waited for, and only then the first fault is thrown. */
const settleAll = async <T>(calls: Promise<T>[]): Promise<T[]> => {
  await Promise.allSettled(calls);
  return Promise.all(calls);
};

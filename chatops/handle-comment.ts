import type { CommandContext, CommandPorts, SelectedCommand } from './command-context.ts';
import type { CommandOutcome } from './command-outcome.ts';
import { commandSpecs } from './command/index.ts';
import {
  buildCommentResult,
  recordOutcome,
  type CommentResult,
  type ProcessedCommand,
} from './comment-result.ts';
import { dispatch } from './dispatch.ts';
import { ignoreRefusedWrite } from './github/ports.ts';
import type { IncomingComment } from './incoming-comment.ts';
import { trustOrigin } from './job/index.ts';
import { writeReply } from './reply-sync/sync-reply.ts';
import { maxSections, readAnswer, updateReply, type ReplySection } from './reply/render-reply.ts';
import { findCommentRefusal, selectCommands, type CommandSelection } from './select-commands.ts';

export type { CommentResult } from './comment-result.ts';

/**
 * Handles a comment: starts the jobs of its commands and returns what to reply; undefined if the comment contains no command for
 * us. Idempotent: a comment that is delivered several times, even concurrently, starts its jobs once.
 * @throws the first error of a call, after all commands were tried; the comment must then be delivered again
 */
export const handleComment = async (
  comment: IncomingComment,
  ports: CommandPorts,
): Promise<CommentResult | undefined> => {
  const selection = await selectCommands(comment, ports);
  return selection && buildCommentResult(selection.context, await processCommands(selection));
};

const processCommands = async (selection: CommandSelection): Promise<ProcessedCommand[]> => {
  const { commands, context } = selection;
  const refused = findCommentRefusal(selection);
  if (refused) {
    recordOutcome(context, commands.slice(0, maxSections), refused[1]);
    return [refused];
  }
  const processed = scheduleCommands(commands, async (command): Promise<ProcessedCommand> => [
    command,
    await dispatchOnce(command, context),
  ]);
  // If one command fails, the outcomes of the others are recorded nevertheless.
  for (const settled of await Promise.allSettled(processed))
    if (settled.status === 'fulfilled') recordOutcome(context, [settled.value[0]], settled.value[1]);
  return Promise.all(processed);
};

/** Runs commands concurrently, or in order if one of them changes state that others may use, such as a lock. */
const scheduleCommands = <T>(
  commands: readonly SelectedCommand[],
  run: (command: SelectedCommand) => Promise<T>,
): Promise<T>[] => {
  if (!commands.some(isMutating)) return commands.map(run);
  let previous: Promise<unknown> = Promise.resolve();
  return commands.map((command) => {
    const result = previous.then(() => run(command));
    previous = result.catch(() => {});
    return result;
  });
};

const isMutating = ({ item }: SelectedCommand): boolean =>
  item.kind === 'command' && commandSpecs[item.command.name].mutates === true;

/** Dispatches a command. A redelivered command that changes state is not executed again: the reply contains its answer. */
const dispatchOnce = async (command: SelectedCommand, context: CommandContext): Promise<CommandOutcome> => {
  const existing = isMutating(command) ? await context.existingReply() : undefined;
  const earlier = existing && readAnswer(existing.body, command.item.key);
  if (earlier?.kind === 'answer') return { says: earlier, allowed: true, reason: 'known', outcome: 'known' };
  return dispatch(command, context);
};

/** Adds the reaction to a comment and creates or updates its reply. Must not run concurrently for one comment. */
export const postReply = async (
  comment: IncomingComment,
  result: CommentResult,
  ports: CommandPorts,
): Promise<void> => {
  const react = (): Promise<void> =>
    ignoreRefusedWrite(ports.thread.react(comment.comment.id, result.reaction));
  if (!result.news) return react();
  // The reply matters more than the reaction: a failed reaction does not justify retrying both.
  const tryReact = (): Promise<void> => react().catch(() => {});
  if (result.sections.every(({ kind }) => kind === 'job')) {
    await settleAll([tryReact(), writeSections(comment, result, ports)]);
    return;
  }
  // Write the reply before the reaction: the sweep treats a reaction as answered, and the tracker does not recover a reply of text.
  await writeSections(comment, result, ports);
  await tryReact();
};

const writeSections = async (
  { comment, thread, threadState: { comments } }: IncomingComment,
  { sections, edited, explained, reads }: CommentResult,
  ports: CommandPorts,
): Promise<void> => {
  const [current, isPublic, existing] = await Promise.all([
    Promise.all(sections.map((section) => refreshSection(section, ports))),
    ports.visibility.isPublic(thread.repository),
    ports.thread.findReply(comment),
  ]);
  const keep = edited ? 'all' : 'jobs';
  const reply = {
    comment: comment.id,
    sections: current,
    isPublic,
    keep,
    explained,
    reads,
    comments,
  } as const;
  await writeReply(ports.thread, existing, updateReply(existing?.body, reply));
};

/** Returns a section with the current state of its job. Without an answer it stays as it was: the tracker corrects it. */
const refreshSection = async (section: ReplySection, { jobs }: CommandPorts): Promise<ReplySection> => {
  if (section.kind !== 'job') return section;
  const job = await jobs.get(section.job.id).catch(() => undefined);
  // The handler has already verified that the job is the command's.
  return job ? { ...section, job: trustOrigin(job) } : section;
};

/** Waits for all calls and throws the first error only then. */
const settleAll = async <T>(calls: Promise<T>[]): Promise<T[]> => {
  await Promise.allSettled(calls);
  return Promise.all(calls);
};

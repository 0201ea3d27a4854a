import type { CommandContext, CommandPorts, SelectedCommand } from './command-context.ts';
import { refuse } from './command-outcome.ts';
import { buildCommentResult, recordOutcome, type CommentResult } from './comment-result.ts';
import type { IncomingComment } from './incoming-comment.ts';
import { findKnownJob } from './handlers/start-job.ts';
import { formatCommandToRepeat } from './job/index.ts';
import * as answers from './reply/answers/index.ts';
import { hasSection, maxSections } from './reply/render-reply.ts';
import { findCommentRefusal, selectCommands } from './select-commands.ts';

/**
 * Handles a comment that was missed and is now too old to execute: returns a reply that lists the commands to write again.
 * Undefined if there are none: a command with a reply or a job was not missed.
 */
export const handleMissedComment = async (
  comment: IncomingComment,
  ports: CommandPorts,
): Promise<CommentResult | undefined> => {
  const selection = await selectCommands(comment, ports, selectUnanswered);
  if (!selection) return undefined;
  const { commands, context } = selection;
  const text = answers.renderMissedCommands(commands.map(({ item }) => formatCommandToRepeat(item)));
  const processed = findCommentRefusal(selection) ?? ([commands[0], refuse(text, 'missed')] as const);
  recordOutcome(context, commands, processed[1]);
  return buildCommentResult(context, [processed]);
};

/** Returns commands without a job. After an edit, commands with a section in the reply count as answered: they are older than the edit. */
const selectUnanswered = async (
  all: SelectedCommand[],
  context: CommandContext,
): Promise<SelectedCommand[]> => {
  const commands = all.slice(0, maxSections);
  const reply = await context.existingReply();
  if (reply && context.comment.event.kind !== 'edited') return [];
  const isAnswered = await Promise.all(
    commands.map(async ({ item }) => {
      if (reply && hasSection(reply.body, item.key)) return true;
      return item.kind === 'command' && (await findKnownJob(item, context)) !== undefined;
    }),
  );
  return commands.filter((_, n) => !isAnswered[n]);
};

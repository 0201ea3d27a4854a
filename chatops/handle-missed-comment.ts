import { recordOutcome } from './audit.ts';
import type { IncomingComment } from './incoming-comment.ts';
import { findKnownJob } from './handlers/start-job.ts';
import { formatCommandToRepeat } from './job/index.ts';
import { selectCommands } from './select-commands.ts';
import * as say from './reply/answers/index.ts';
import { hasSection, maxSections } from './reply/render-reply.ts';
import { buildCommentResult, type CommentResult } from './comment-result.ts';
import { refuse, type CommandPorts, type SelectedCommand, type CommandContext } from './command-context.ts';
import { findCommentRefusal } from './whole.ts';

/**
 * Answers a comment that was missed too long ago to act on: it says which commands to write again. Undefined if there are none:
 * what has a reply or a job was not missed.
 */
export const handleMissedComment = async (
  comment: IncomingComment,
  ports: CommandPorts,
): Promise<CommentResult | undefined> => {
  const heard = await selectCommands(comment, ports, selectUnanswered);
  if (!heard) return undefined;
  const { items, visit } = heard;
  const [first] = items;
  const missed = refuse(
    say.renderMissedCommands(items.map(({ item }) => formatCommandToRepeat(item))),
    'missed',
  );
  const answered = findCommentRefusal(heard) ?? ([first, missed] as const);
  recordOutcome(visit, items, answered[1]);
  return buildCommentResult(visit, [answered]);
};

/** Those without a job, and of an edited comment those that its reply says nothing to: the others were there before. */
const selectUnanswered = async (
  all: SelectedCommand[],
  visit: CommandContext,
): Promise<SelectedCommand[]> => {
  const items = all.slice(0, maxSections);
  const reply = await visit.existingReply();
  if (reply && visit.comment.event.kind !== 'edited') return [];
  const answered = await Promise.all(
    items.map(async ({ item }) => {
      if (reply && hasSection(reply.body, item.key)) return true;
      return item.kind === 'command' && (await findKnownJob(item, visit)) !== undefined;
    }),
  );
  return items.filter((_, n) => !answered[n]);
};

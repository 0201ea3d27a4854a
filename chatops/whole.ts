import { createHash } from 'node:crypto';
import { formatCommandToRepeat } from './job/index.ts';
import type { CommandSelection } from './select-commands.ts';
import { isThreadAllowed } from './policy/index.ts';
import * as say from './reply/answers/index.ts';
import { maxSections } from './reply/render-reply.ts';
import type { ProcessedCommand } from './comment-result.ts';
import { refuse, type CommandOutcome } from './command-context.ts';

/** What is wrong with the comment as a whole: then none of its commands is carried out. */
export const findCommentRefusal = ({
  items,
  visit: { comment, policy },
}: CommandSelection): ProcessedCommand | undefined => {
  const [{ item: first }] = items;
  const about = (subject: string, outcome: CommandOutcome): ProcessedCommand => {
    const key = createHash('sha256').update(subject).digest('hex').slice(0, 8);
    return [{ item: { ...first, key }, index: 0 }, outcome];
  };
  const { event, author, thread } = comment;
  if (event.kind === 'edited' && (event.editor.id !== author.id || event.before === null)) {
    const editor = event.editor.id === author.id ? null : event.editor.login;
    return about('edited', refuse(say.renderEditRefusal(author.login, editor), 'edited-by-other'));
  }
  if (!isThreadAllowed(policy, thread.kind, comment.threadState.labels)) {
    return about(
      'thread',
      refuse(say.renderThreadNotAllowed(formatCommandToRepeat(first), policy.threads), 'not-here', {
        explains: 'notHere',
      }),
    );
  }
  if (items.length > maxSections)
    return about('too-many', refuse(say.renderTooManyCommands(items.length, maxSections), 'too-many'));
  return undefined;
};

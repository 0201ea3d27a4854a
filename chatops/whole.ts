import { createHash } from 'node:crypto';
import { openForm } from './job/index.ts';
import type { Heard } from './select-commands.ts';
import { threadAllowed } from './policy/index.ts';
import * as say from './reply/answers/index.ts';
import { maxSections } from './reply/render-reply.ts';
import type { Answered } from './comment-result.ts';
import { refused, type Outcome } from './command-context.ts';

/** What is wrong with the comment as a whole: then none of its commands is carried out. */
export const wholeRefusal = ({ items, visit: { comment, policy } }: Heard): Answered | undefined => {
  const [{ item: first }] = items;
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
    return about(
      'thread',
      refused(say.notHere(openForm(first), policy.threads), 'not-here', { explains: 'notHere' }),
    );
  }
  if (items.length > maxSections)
    return about('too-many', refused(say.tooMany(items.length, maxSections), 'too-many'));
  return undefined;
};

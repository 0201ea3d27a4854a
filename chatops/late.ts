import type { IncomingComment } from './github/port.ts';

/** A new comment that is older is not carried out any more: who wrote it may have done something else by now. In milliseconds. */
export const oldMilliseconds = 3_600_000;

/** Whether a comment came too late. GitHub delivers what failed for days; when an edit was made, its comment does not tell. */
export const isTooOld = ({ comment, event }: Pick<IncomingComment, 'comment' | 'event'>): boolean =>
  event.kind === 'created' && Date.now() - Date.parse(comment.createdAt) > oldMilliseconds;

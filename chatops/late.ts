import type { IncomingComment } from './incoming-comment.ts';

/** What was written longer ago is not carried out any more: who wrote it may have done something else by now. In milliseconds. */
export const maxCommandAgeMilliseconds = 3_600_000;

/** Whether a comment, or its edit, came too late: GitHub delivers what failed for days. */
export const isTooOld = ({ comment, event }: Pick<IncomingComment, 'comment' | 'event'>): boolean => {
  const at = event.kind === 'edited' ? event.at : comment.createdAt;
  return at !== null && Date.now() - Date.parse(at) > maxCommandAgeMilliseconds;
};

import { maxComments } from '../github/ports.ts';

/** From so many comments on, a thread is said to be nearly full. */
const warningThreshold = maxComments - 100;

const warningEnd = ` comments, and GitHub takes no more than ${maxComments}. Please go on in a new issue.`;
const linePattern = new RegExp(`^⚠️ This thread has \\d+${warningEnd}$`);

/** The line that warns of a thread that is nearly full; undefined while it is not. */
export const formatCommentLimitWarning = (comments: number): string | undefined =>
  comments < warningThreshold ? undefined : `⚠️ This thread has ${comments}${warningEnd}`;

/** That line of a reply: once said it stays as it is, for another count is not worth an edit. */
export const readCommentLimitWarning = (body: string): string | undefined => {
  const [first = '', , second = ''] = body.split(/\r?\n/, 3);
  return [first, second].find((line) => linePattern.test(line));
};

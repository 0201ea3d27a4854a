import { mostComments } from '../github/ports.ts';

/** From so many comments on, a thread is said to be nearly full. */
const manyComments = mostComments - 100;

const rest = ` comments, and GitHub takes no more than ${mostComments}. Please go on in a new issue.`;
const linePattern = new RegExp(`^⚠️ This thread has \\d+${rest}$`);

/** The line that warns of a thread that is nearly full; undefined while it is not. */
export const crowdLine = (comments: number): string | undefined =>
  comments < manyComments ? undefined : `⚠️ This thread has ${comments}${rest}`;

/** That line of a reply: once said it stays as it is, for another count is not worth an edit. */
export const readCrowd = (body: string): string | undefined => {
  const [first = '', , second = ''] = body.split(/\r?\n/, 3);
  return [first, second].find((line) => linePattern.test(line));
};

import * as say from './reply/answers/index.ts';
import { refused, type Outcome, type Visit } from './command-context.ts';

type Told = Parameters<typeof say.mistakes>[1][number];

/** A command that has mistakes, told with their places; a workflow's command is one line, and half of it may stand elsewhere. */
export const mistaken = (heading: string, found: readonly Told[], { comment }: Visit): Outcome => {
  const told = comment.event.kind === 'run' ? found.map((one) => ({ ...one, position: null })) : found;
  return refused(say.mistakes(heading, told), 'mistaken', { allowed: true });
};

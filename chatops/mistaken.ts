import * as say from './reply/answers/index.ts';
import { refuse, type CommandOutcome, type CommandContext } from './command-context.ts';

type ReportedError = Parameters<typeof say.renderParseErrors>[1][number];

/** A command that has mistakes, told with their places; a workflow's command is one line, and half of it may stand elsewhere. */
export const refuseParseErrors = (
  heading: string,
  found: readonly ReportedError[],
  { comment }: CommandContext,
): CommandOutcome => {
  const isOneLine = comment.event.kind === 'run' || !comment.comment.body.trim().includes('\n');
  const told = isOneLine ? found.map((one) => ({ ...one, position: null })) : found;
  return refuse(say.renderParseErrors(heading, told), 'mistaken', { allowed: true });
};

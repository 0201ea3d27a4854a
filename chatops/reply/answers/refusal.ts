import { formatExact } from '../exact-text.ts';

/** Returns a refusal whose subject is the command: `/run Hello` was not started. */
export const renderRefusal = (command: string, reason: string): string =>
  `😕 **${formatExact(command, 300)}** ${reason}`;

/** Returns a refusal that states its reason in a sentence of its own: `/approve`: You can't approve your own request. */
export const renderRefusalReason = (command: string, sentence: string): string =>
  `😕 **${formatExact(command, 300)}**: ${sentence}`;

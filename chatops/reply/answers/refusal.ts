import { formatExact } from '../exact-text.ts';

/** A command, and why it is not carried out. */
export const renderRefusal = (command: string, reason: string): string =>
  `😕 **${formatExact(command, 300)}** ${reason}`;

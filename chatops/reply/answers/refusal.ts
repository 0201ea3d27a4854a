import { exact } from '../exact-text.ts';

/** A command, and why it is not carried out. */
export const refused = (command: string, what: string): string => `😕 **${exact(command, 300)}** ${what}`;

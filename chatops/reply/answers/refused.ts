import { inline } from '../../markdown/foreign.ts';

/** A command, and why it is not carried out. */
export const refused = (command: string, what: string): string => `😕 **${inline(command, 300)}** ${what}`;

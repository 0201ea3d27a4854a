import { leadPattern } from '../../markdown-visibility/line-lead.ts';

const lineStart = new RegExp(`(?:^|[\\r\\n])${leadPattern}/[^/ \\t\\r\\n]`, 'u');

/** Returns whether a comment may contain a command under any grammar. A cheap check, false for most comments. */
export const mayContainCommand = (body: string): boolean => lineStart.test(body);

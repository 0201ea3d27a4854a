const lineStart = /(?:^|[\r\n]) {0,3}\/[^/ \t\r\n]/;

/** Returns whether a comment may contain a command under any grammar. A cheap check, false for most comments. */
export const mayContainCommand = (body: string): boolean => lineStart.test(body);

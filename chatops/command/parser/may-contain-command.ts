const lineStart = /(?:^|[\r\n]) {0,3}\/[^/ \t\r\n]/;

/** Whether a comment may hold a command under some grammar; false for most comments, and cheap. */
export const mayContainCommand = (body: string): boolean => lineStart.test(body);

/** Returns the first digits of a job's id, which commands accept. */
export const toShortId = (id: string): string => id.replace(/^job-/, '').slice(0, 8);

/** Levels of access to a repository, lowest first. A custom role counts as the highest level whose permissions it includes. */
export const levels = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Level = (typeof levels)[number];

/** Whether one level is another, or above it. */
export const reaches = (held: Level, needed: Level): boolean =>
  levels.indexOf(held) >= levels.indexOf(needed);

/** Levels of access to a repository, lowest first. A custom role counts as the highest level whose permissions it includes. */
export const permissionLevels = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type PermissionLevel = (typeof permissionLevels)[number];

/** Whether one level is another, or above it. */
export const isAtLeast = (held: PermissionLevel, needed: PermissionLevel): boolean =>
  permissionLevels.indexOf(held) >= permissionLevels.indexOf(needed);

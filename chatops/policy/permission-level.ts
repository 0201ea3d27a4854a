/** Permission levels on a repository, lowest first. A custom role counts as the highest level whose permissions it includes. */
export const permissionLevels = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type PermissionLevel = (typeof permissionLevels)[number];

/** Returns whether a level is at least the needed one. */
export const isAtLeast = (held: PermissionLevel, needed: PermissionLevel): boolean =>
  permissionLevels.indexOf(held) >= permissionLevels.indexOf(needed);

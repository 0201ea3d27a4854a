import type { PermissionLevel } from '../../chatops/policy/permission-level.ts';
import type { AuthorAccess } from '../../chatops/policy/index.ts';
import type { AccessRule } from '../../chatops/policy/policy.ts';

/** Returns a rule with these conditions and no others. */
export const createRule = (given: Partial<AccessRule>): AccessRule => ({
  permission: null,
  everyone: false,
  teams: [],
  users: [],
  bots: [],
  ...given,
});

type Membership = Awaited<ReturnType<AuthorAccess['getMembership']>>;

/** Returns the access of an author; `asked` records the queries in order. */
export const createAuthorAccess = ({
  level = 'none',
  teams = {},
  isPublic = false,
}: {
  level?: PermissionLevel;
  teams?: Record<string, Membership>;
  isPublic?: boolean;
}): AuthorAccess & { asked: string[] } => {
  const asked: string[] = [];
  return {
    asked,
    getLevel: async () => {
      asked.push('level');
      return level;
    },
    getMembership: async (team) => {
      asked.push(team);
      return teams[team] ?? 'not-a-member';
    },
    isPublic: async () => {
      asked.push('public');
      return isPublic;
    },
  };
};

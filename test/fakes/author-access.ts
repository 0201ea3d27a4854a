import type { Level } from '../../chatops/github/ports.ts';
import type { Standing } from '../../chatops/policy/index.ts';
import type { Rule } from '../../chatops/policy/policy.ts';

/** A rule that says no more than this. */
export const ruleOf = (given: Partial<Rule>): Rule => ({
  permission: null,
  everyone: false,
  teams: [],
  users: [],
  bots: [],
  ...given,
});

type Membership = Awaited<ReturnType<Standing['membership']>>;

/** Somebody's standing; `asked` is what was asked of it, in order. */
export const standingWith = ({
  level = 'none',
  teams = {},
  isPublic = false,
}: {
  level?: Level;
  teams?: Record<string, Membership>;
  isPublic?: boolean;
}): Standing & { asked: string[] } => {
  const asked: string[] = [];
  return {
    asked,
    level: async () => {
      asked.push('level');
      return level;
    },
    membership: async (team) => {
      asked.push(team);
      return teams[team] ?? 'not-a-member';
    },
    isPublic: async () => {
      asked.push('public');
      return isPublic;
    },
  };
};

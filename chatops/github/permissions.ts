import * as v from 'valibot';
import { teamMembership } from './team-membership.ts';
import { ask, ownerAndName, statusOf, type Octokit } from './api-client.ts';
import { levels, type Level, type Permissions } from './ports.ts';

/** A person's permissions by level; older servers omit triage and maintain. */
const Flags = v.object({
  admin: v.optional(v.boolean()),
  maintain: v.optional(v.boolean()),
  push: v.optional(v.boolean()),
  triage: v.optional(v.boolean()),
  pull: v.optional(v.boolean()),
});
type Flags = v.InferOutput<typeof Flags>;

/** GitHub's `repository-collaborator-permission`. */
const Answer = v.object({
  permission: v.string(),
  role_name: v.nullish(v.string()),
  user: v.nullish(v.object({ id: v.number(), permissions: v.nullish(Flags) })),
});
type Answer = v.InferOutput<typeof Answer>;

const flagOf = {
  read: 'pull',
  triage: 'triage',
  write: 'push',
  maintain: 'maintain',
  admin: 'admin',
} as const satisfies Record<Exclude<Level, 'none'>, keyof Flags>;

/** The value of `permission` for each level; it has no triage or maintain. */
const permissionOf: Record<Level, string> = {
  none: 'none',
  read: 'read',
  triage: 'read',
  write: 'write',
  maintain: 'write',
  admin: 'admin',
};

const asLevel = (name: string | null | undefined): Level | undefined =>
  levels.find((level) => level === name);

/** The highest level that the flags grant; undefined if one of them is missing. */
const levelByFlags = (flags: Flags): Level | undefined => {
  if (Object.values(flagOf).some((flag) => flags[flag] === undefined)) return undefined;
  return levels.findLast((level) => level === 'none' || flags[flagOf[level]]);
};

/** Returns the level by names only. The name of a role counts only if `permission` agrees, because a custom role can have any name. */
const levelByNames = ({ permission, role_name: role }: Answer): Level => {
  const named = asLevel(role);
  return named && permissionOf[named] === permission ? named : (asLevel(permission) ?? 'none');
};

const levelIn = (answer: Answer): Level =>
  levelByFlags(answer.user?.permissions ?? {}) ?? levelByNames(answer);

/**
 * Returns a person's current level, requested each time: the highest in `user.permissions`, because names of custom roles do not
 * show the level and `permission` has no triage or maintain. Without these flags, the names count. The level is `none` if GitHub
 * does not know the person there, or if the login belonged to someone else when the comment was written.
 */
export const octokitPermissions = (octokit: Octokit): Permissions => ({
  level: async (repository, { id, login }) => {
    try {
      const route = 'GET /repos/{owner}/{repo}/collaborators/{username}/permission';
      const answer = await ask(octokit, Answer, route, { ...ownerAndName(repository.name), username: login });
      return answer.user && answer.user.id !== id ? 'none' : levelIn(answer);
    } catch (error) {
      if (statusOf(error) === 404) return 'none';
      throw error;
    }
  },
  membership: (team, person) => teamMembership(octokit, team, person),
});

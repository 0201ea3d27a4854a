import * as v from 'valibot';
import { fetchTeamMembership } from './team-membership.ts';
import { request, toOwnerAndRepo, getStatus, type Octokit } from './api-client.ts';
import type { Permissions } from './ports.ts';
import { permissionLevels, type PermissionLevel } from '../policy/permission-level.ts';

/** A person's permissions by level; older servers omit triage and maintain. */
const PermissionFlags = v.object({
  admin: v.optional(v.boolean()),
  maintain: v.optional(v.boolean()),
  push: v.optional(v.boolean()),
  triage: v.optional(v.boolean()),
  pull: v.optional(v.boolean()),
});
type PermissionFlags = v.InferOutput<typeof PermissionFlags>;

/** GitHub's `repository-collaborator-permission`. */
const PermissionResponse = v.object({
  permission: v.string(),
  role_name: v.nullish(v.string()),
  user: v.nullish(v.object({ id: v.number(), permissions: v.nullish(PermissionFlags) })),
});
type PermissionResponse = v.InferOutput<typeof PermissionResponse>;

const flagByLevel = {
  read: 'pull',
  triage: 'triage',
  write: 'push',
  maintain: 'maintain',
  admin: 'admin',
} as const satisfies Record<Exclude<PermissionLevel, 'none'>, keyof PermissionFlags>;

/** The value of `permission` for each level; it has no triage or maintain. */
const permissionByLevel: Record<PermissionLevel, string> = {
  none: 'none',
  read: 'read',
  triage: 'read',
  write: 'write',
  maintain: 'write',
  admin: 'admin',
};

const findLevel = (name: string | null | undefined): PermissionLevel | undefined =>
  permissionLevels.find((level) => level === name);

/** Returns the highest level that the flags grant; undefined if a flag is missing. */
const findLevelByFlags = (flags: PermissionFlags): PermissionLevel | undefined => {
  if (Object.values(flagByLevel).some((flag) => flags[flag] === undefined)) return undefined;
  return permissionLevels.findLast((level) => level === 'none' || flags[flagByLevel[level]]);
};

/** Returns the level by names only. The name of a role counts only if `permission` agrees, because a custom role can have any name. */
const findLevelByNames = ({ permission, role_name: role }: PermissionResponse): PermissionLevel => {
  const named = findLevel(role);
  return named && permissionByLevel[named] === permission ? named : (findLevel(permission) ?? 'none');
};

const readLevel = (answer: PermissionResponse): PermissionLevel =>
  findLevelByFlags(answer.user?.permissions ?? {}) ?? findLevelByNames(answer);

/**
 * Returns a person's current level, requested each time: the highest in `user.permissions`, because names of custom roles do not
 * show the level and `permission` has no triage or maintain. Without these flags, the names count. The level is `none` if GitHub
 * does not know the person there, or if the login belonged to someone else when the comment was written.
 */
export const createOctokitPermissions = (octokit: Octokit): Permissions => ({
  getLevel: async (repository, { id, login }) => {
    try {
      const route = 'GET /repos/{owner}/{repo}/collaborators/{username}/permission';
      const answer = await request(octokit, PermissionResponse, route, {
        ...toOwnerAndRepo(repository.name),
        username: login,
      });
      return answer.user && answer.user.id !== id ? 'none' : readLevel(answer);
    } catch (error) {
      if (getStatus(error) === 404) return 'none';
      throw error;
    }
  },
  getMembership: (team, person) => fetchTeamMembership(octokit, team, person),
});

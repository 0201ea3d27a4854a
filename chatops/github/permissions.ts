import * as v from 'valibot';
import { teamMembership } from './membership.ts';
import { ask, ownerAndName, statusOf, type Octokit } from './octokit.ts';
import { levels, type Level, type Permissions } from './port.ts';

/** What a person may do, level by level; servers before triage and maintain leave these two out. */
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

/** What `permission` says for each level: it knows neither triage nor maintain. */
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

/** The level by names alone. A role's name is believed only where `permission` agrees: a custom role may have any name. */
const levelByNames = ({ permission, role_name: role }: Answer): Level => {
  const named = asLevel(role);
  return named && permissionOf[named] === permission ? named : (asLevel(permission) ?? 'none');
};

const levelIn = (answer: Answer): Level =>
  levelByFlags(answer.user?.permissions ?? {}) ?? levelByNames(answer);

/**
 * A person's level, asked anew each time: the highest in `user.permissions`, because the names of custom roles say nothing about
 * it and `permission` knows neither triage nor maintain. An answer without these flags counts by its names. A person whom GitHub
 * does not know there has none, nor has a person whose login belonged to somebody else when the comment was written.
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

import * as v from 'valibot';
import { teamMembership } from './membership.ts';
import { ask, ownerAndName, statusOf, type Octokit } from './octokit.ts';
import { levels, type Level, type Permissions } from './port.ts';

const Answer = v.object({
  permission: v.string(),
  role_name: v.optional(v.string()),
  user: v.nullish(v.object({ id: v.number() })),
});

const asLevel = (name: string | undefined): Level | undefined => levels.find((level) => level === name);

/**
 * A person's level, asked anew each time. `role_name` is finer than `permission` (it knows triage and maintain);
 * a custom role counts as the `permission` it is based on. Someone whom GitHub does not know there has none,
 * nor has who has a login by now that was another person's when the comment was written.
 */
export const octokitPermissions = (octokit: Octokit): Permissions => ({
  level: async (repository, { id, login }) => {
    try {
      const route = 'GET /repos/{owner}/{repo}/collaborators/{username}/permission';
      const answer = await ask(octokit, Answer, route, { ...ownerAndName(repository.name), username: login });
      if (answer.user && answer.user.id !== id) return 'none';
      return asLevel(answer.role_name) ?? asLevel(answer.permission) ?? 'none';
    } catch (error) {
      if (statusOf(error) === 404) return 'none';
      throw error;
    }
  },
  membership: (team, person) => teamMembership(octokit, team, person),
});

import * as v from 'valibot';
import { request, type Octokit } from '../../chatops/github/api-client.ts';
import type { Repository } from '../../chatops/incoming-comment.ts';

const Installation = v.object({ id: v.number(), suspended_at: v.nullish(v.string()) });

const Repositories = v.object({
  repositories: v.array(
    v.object({
      id: v.number(),
      full_name: v.string(),
      archived: v.optional(v.boolean(), false),
      disabled: v.optional(v.boolean(), false),
    }),
  ),
});

const pageSize = 100;

/** Returns the ids of the app's installations that are not suspended. @param app authenticated as the app itself */
export const listInstallations = async (app: Octokit): Promise<number[]> => {
  const all = await collectPages((page) =>
    request(app, v.array(Installation), 'GET /app/installations', page),
  );
  return all.filter(({ suspended_at: suspended }) => !suspended).map(({ id }) => id);
};

/** Returns an installation's repositories that accept writes. @param octokit authenticated as the installation */
export const listRepositories = async (octokit: Octokit): Promise<Repository[]> => {
  const all = await collectPages(
    async (page) =>
      (await request(octokit, Repositories, 'GET /installation/repositories', page)).repositories,
  );
  return all
    .filter(({ archived, disabled }) => !archived && !disabled)
    .map(({ id, full_name: name }) => ({ id, name }));
};

/** Returns the items of all pages of a list. */
const collectPages = async <T>(
  ask: (page: { per_page: number; page: number }) => Promise<T[]>,
): Promise<T[]> => {
  const all: T[] = [];
  for (let page = 1; ; page += 1) {
    const found = await ask({ per_page: pageSize, page });
    all.push(...found);
    if (found.length < pageSize) return all;
  }
};

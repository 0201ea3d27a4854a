import { LRUCache } from 'lru-cache';
import * as v from 'valibot';
import { request, toOwnerAndRepo, type Octokit } from './api-client.ts';
import { WriteRefusedError, type Visibility } from './ports.ts';
import type { Repository } from '../incoming-comment.ts';
import { convertWriteErrors } from './write-error.ts';

const RepositoryResponse = v.object({ id: v.number(), private: v.boolean() });

const cacheMilliseconds = 5 * 60_000;

/** Includes the name, because a job's origin can claim any name for an id. */
const toCacheKey = ({ id, name }: Repository): string => `${id} ${name}`;

/**
 * Returns an adapter that reads the visibility of repositories, cached for five minutes. It refuses a name that now belongs to another
 * repository, because replies would be posted there.
 */
export const createOctokitVisibility = (octokit: Octokit): Visibility => {
  const cache = new LRUCache<string, boolean>({ max: 1_000, ttl: cacheMilliseconds });
  const fetchIsPublic = async (repository: Repository): Promise<boolean> => {
    const { id, name } = repository;
    const answer = await convertWriteErrors(() =>
      request(octokit, RepositoryResponse, 'GET /repos/{owner}/{repo}', toOwnerAndRepo(name)),
    );
    if (answer.id !== id) throw new WriteRefusedError(`${name} is no longer the repository ${id}`);
    cache.set(toCacheKey(repository), !answer.private);
    return !answer.private;
  };
  return {
    isPublic: async (repository) => cache.get(toCacheKey(repository)) ?? (await fetchIsPublic(repository)),
  };
};

import { LRUCache } from 'lru-cache';
import * as v from 'valibot';
import { request, toOwnerAndRepo, type Octokit } from './api-client.ts';
import { WriteRefusedError, type Visibility } from './ports.ts';
import type { Repository } from '../incoming-comment.ts';
import { convertWriteErrors } from './write-error.ts';

const RepositoryResponse = v.object({ id: v.number(), private: v.boolean() });

const cacheMilliseconds = 5 * 60_000;

/** A job's origin may hold any name beside its id: what was found of one name is not believed of another. */
const toCacheKey = ({ id, name }: Repository): string => `${id} ${name}`;

/**
 * Whether everyone may read a repository, remembered for five minutes. A name that has come to mean another repository is
 * refused: what was written there would be somebody else's.
 */
export const createOctokitVisibility = (octokit: Octokit): Visibility => {
  const cache = new LRUCache<string, boolean>({ max: 1_000, ttl: cacheMilliseconds });
  const fetchIsPublic = async (repository: Repository): Promise<boolean> => {
    const { id, name } = repository;
    const answer = await convertWriteErrors(() =>
      request(octokit, RepositoryResponse, 'GET /repos/{owner}/{repo}', toOwnerAndRepo(name)),
    );
    if (answer.id !== id) throw new WriteRefusedError(`${name} is not the repository ${id} any more`);
    cache.set(toCacheKey(repository), !answer.private);
    return !answer.private;
  };
  return {
    isPublic: async (repository) => cache.get(toCacheKey(repository)) ?? (await fetchIsPublic(repository)),
  };
};

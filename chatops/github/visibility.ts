import { LRUCache } from 'lru-cache';
import * as v from 'valibot';
import { ask, ownerAndName, type Octokit } from './api-client.ts';
import { WriteRefused, type Repository, type Visibility } from './ports.ts';
import { refusing } from './write-error.ts';

const Answer = v.object({ id: v.number(), private: v.boolean() });

const rememberedMilliseconds = 5 * 60_000;

/** A job's origin may hold any name beside its id: what was found of one name is not believed of another. */
const keyOf = ({ id, name }: Repository): string => `${id} ${name}`;

/**
 * Whether everyone may read a repository, remembered for five minutes. A name that has come to mean another repository is
 * refused: what was written there would be somebody else's.
 */
export const octokitVisibility = (octokit: Octokit): Visibility => {
  const known = new LRUCache<string, boolean>({ max: 1_000, ttl: rememberedMilliseconds });
  const look = async (repository: Repository): Promise<boolean> => {
    const { id, name } = repository;
    const answer = await refusing(() =>
      ask(octokit, Answer, 'GET /repos/{owner}/{repo}', ownerAndName(name)),
    );
    if (answer.id !== id) throw new WriteRefused(`${name} is not the repository ${id} any more`);
    known.set(keyOf(repository), !answer.private);
    return !answer.private;
  };
  return { isPublic: async (repository) => known.get(keyOf(repository)) ?? (await look(repository)) };
};

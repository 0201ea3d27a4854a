import { LRUCache } from 'lru-cache';
import * as v from 'valibot';
import { ask, ownerAndName, type Octokit } from './octokit.ts';
import { WriteRefused, type Repository, type Visibility } from './port.ts';
import { refusing } from './refusal.ts';

const Answer = v.object({ id: v.number(), private: v.boolean() });

const rememberedMilliseconds = 5 * 60_000;

/**
 * Whether everyone may read a repository, remembered for five minutes. A name that has come to mean another repository is
 * refused: what was written there would be somebody else's.
 */
export const octokitVisibility = (octokit: Octokit): Visibility => {
  const known = new LRUCache<number, boolean>({ max: 1_000, ttl: rememberedMilliseconds });
  const look = async ({ id, name }: Repository): Promise<boolean> => {
    const answer = await refusing(() =>
      ask(octokit, Answer, 'GET /repos/{owner}/{repo}', ownerAndName(name)),
    );
    if (answer.id !== id) throw new WriteRefused(`${name} is not the repository ${id} any more`);
    known.set(id, !answer.private);
    return !answer.private;
  };
  return { isPublic: async (repository) => known.get(repository.id) ?? (await look(repository)) };
};

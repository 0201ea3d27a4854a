import { LRUCache } from 'lru-cache';
import * as v from 'valibot';
import {
  defaultPolicy,
  largestPolicy,
  readPolicy,
  tooLarge,
  wholeFileMistake,
  type PolicyReader,
} from '../policy/index.ts';
import { bytesOf, textOf } from './base64-text.ts';
import { askContents, type Contents } from './contents.ts';
import { ask, ownerAndName, statusOf, type Octokit } from './api-client.ts';
import type { LoadedPolicy, Policies, Repository } from './ports.ts';

/** Where a repository keeps its policy. */
export const policyPath = '.github/coxswain.yml';

type Place = ReturnType<typeof ownerAndName>;
/** `until`: the time at which the file is read again even if it has not changed, in milliseconds. */
type Known = { etag: string; loaded: LoadedPolicy; until: number };

const none: LoadedPolicy = { state: 'none', policy: defaultPolicy, commit: null };

/** How long it is believed that a repository lets us read its files. */
const readableMilliseconds = 5 * 60_000;

/**
 * How long a policy that exceeded a limit on time or memory is not read again. The limit may have been exceeded only because the
 * machine was busy, but each attempt delays the policies of other repositories.
 */
export const unfinishedMilliseconds = 60_000;

/**
 * Policies as the default branches have them. Each look is a conditional call, which an unchanged file answers with 304.
 * Whatever is not an answer is thrown, so that a fault is never taken for "no policy".
 *
 * @param read a program that serves others meanwhile passes a reader that works off the event loop
 * @param now the time in milliseconds
 */
export const octokitPolicies = (
  octokit: Octokit,
  read: PolicyReader = async (text) => readPolicy(text),
  now: () => number = Date.now,
): Policies => {
  const known = new LRUCache<string, Known>({ max: 200 });
  const readable = new LRUCache<string, true>({ max: 1_000, ttl: readableMilliseconds });

  const absent = async (key: string, place: Place): Promise<LoadedPolicy> => {
    known.delete(key);
    if (!readable.has(key)) await assertReadable(octokit, place);
    readable.set(key, true);
    return none;
  };

  const of = async ({ id, name }: Repository): Promise<LoadedPolicy> => {
    const key = `${id} ${name}`;
    const place = ownerAndName(name);
    const before = known.get(key);
    const isCurrent = before !== undefined && now() < before.until;
    const answer = await askContents(octokit, name, policyPath, isCurrent ? before : undefined);
    if (answer === 'absent') return absent(key, place);
    if ('unchanged' in answer) return answer.unchanged.loaded;
    const contents = await readFrom(answer.body, read);
    const loaded = loadedFrom(contents, await lastCommit(octokit, place));
    const until = contents.isUnfinished ? now() + unfinishedMilliseconds : Infinity;
    if (answer.etag !== undefined) known.set(key, { etag: answer.etag, loaded, until });
    return loaded;
  };
  return { of };
};

/**
 * A 404 also is the answer to who may not read the repository's files. Then there may be a policy, and there is none for us.
 * @throws Error if it is so
 */
const assertReadable = async (octokit: Octokit, place: Place): Promise<void> => {
  try {
    await octokit.request('GET /repos/{owner}/{repo}/commits', { ...place, per_page: 1 });
  } catch (cause) {
    // So is a repository answered in which nothing was committed yet.
    if (statusOf(cause) === 409) return;
    if (statusOf(cause) !== 404) throw cause;
    throw new Error(`The files of ${place.owner}/${place.repo} cannot be read`, { cause });
  }
};

/** The last commit that changed the file; null if GitHub knows of none. */
const lastCommit = async (octokit: Octokit, place: Place): Promise<string | null> => {
  const commits = await ask(
    octokit,
    v.array(v.object({ sha: v.string() })),
    'GET /repos/{owner}/{repo}/commits',
    { ...place, path: policyPath, per_page: 1 },
  );
  return commits[0]?.sha ?? null;
};

type Read = Awaited<ReturnType<PolicyReader>>;

const loadedFrom = (read: Read, commit: string | null): LoadedPolicy =>
  'policy' in read
    ? { state: 'read', policy: read.policy, commit }
    : { state: 'broken', mistakes: read.mistakes, commit };

const readFrom = async (file: Contents, read: PolicyReader): Promise<Read> => {
  const broken = (message: string, expected: string): Read => ({
    mistakes: [wholeFileMistake(message, expected)],
  });
  if (file === 'folder' || file.type !== 'file') {
    return broken(`This is a ${file === 'folder' ? file : file.type}`, 'a file');
  }
  if (file.size > largestPolicy) return { mistakes: [tooLarge(file.size)] };
  if (file.encoding !== 'base64' || file.content === undefined)
    throw new Error(`GitHub sent ${policyPath} without its content`);
  const text = textOf(bytesOf(file.content));
  return text === undefined ? broken('The file is not text', 'UTF-8') : read(text);
};

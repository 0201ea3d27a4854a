import { LRUCache } from 'lru-cache';
import * as v from 'valibot';
import {
  defaultPolicy,
  maxPolicyBytes,
  readPolicy,
  toTooLargeProblem,
  toFileProblem,
  type PolicyReader,
} from '../policy/index.ts';
import { decodeBase64, decodeText } from './base64-text.ts';
import { fetchContents, type Contents } from './contents.ts';
import { request, toOwnerAndRepo, getStatus, type Octokit } from './api-client.ts';
import type { LoadedPolicy, PolicyLoader } from './ports.ts';
import type { Repository } from '../incoming-comment.ts';

/** The path of a repository's policy file. */
export const policyPath = '.github/coxswain.yml';

type OwnerAndRepo = ReturnType<typeof toOwnerAndRepo>;
/** `until`: the time at which the file is read again even if it has not changed, in milliseconds. */
type CachedPolicy = { etag: string; loaded: LoadedPolicy; until: number };

const withoutPolicyFile: LoadedPolicy = { state: 'none', policy: defaultPolicy, commit: null };

/** How long we cache that a repository's files are readable. */
const readableTtlMilliseconds = 5 * 60_000;

/**
 * How long a policy that exceeded a limit on time or memory is not read again. The limit may have been exceeded only because the
 * machine was busy, but each attempt delays the policies of other repositories.
 */
const unfinishedReadDelayMilliseconds = 60_000;

/**
 * Returns a loader of the policies on the default branches, by conditional requests (304 if unchanged). It throws all errors, so that a
 * failure never counts as "no policy".
 *
 * @param read a server passes a reader that works off the event loop
 * @param now the time in milliseconds
 */
export const createPolicyLoader = (
  octokit: Octokit,
  read: PolicyReader = async (text) => readPolicy(text),
  now: () => number = Date.now,
): PolicyLoader => {
  const cache = new LRUCache<string, CachedPolicy>({ max: 200 });
  const readable = new LRUCache<string, true>({ max: 1_000, ttl: readableTtlMilliseconds });

  const handleAbsent = async (key: string, ownerAndRepo: OwnerAndRepo): Promise<LoadedPolicy> => {
    cache.delete(key);
    if (!readable.has(key)) await assertReadable(octokit, ownerAndRepo);
    readable.set(key, true);
    return withoutPolicyFile;
  };

  const load = async ({ id, name }: Repository): Promise<LoadedPolicy> => {
    const key = `${id} ${name}`;
    const ownerAndRepo = toOwnerAndRepo(name);
    const before = cache.get(key);
    const isCurrent = before !== undefined && now() < before.until;
    const answer = await fetchContents(octokit, name, policyPath, isCurrent ? before : undefined);
    if (answer === 'absent') return handleAbsent(key, ownerAndRepo);
    if ('unchanged' in answer) return answer.unchanged.loaded;
    const contents = await readContents(answer.body, read);
    const loaded = toLoadedPolicy(contents, await fetchLastCommit(octokit, ownerAndRepo));
    const until = contents.isUnfinished ? now() + unfinishedReadDelayMilliseconds : Infinity;
    if (answer.etag !== undefined) cache.set(key, { etag: answer.etag, loaded, until });
    return loaded;
  };
  return { load };
};

/**
 * Checks that the repository's files are readable: GitHub also answers 404 if the credential cannot read them, although a policy may
 * exist.
 * @throws Error if they are not readable
 */
const assertReadable = async (octokit: Octokit, ownerAndRepo: OwnerAndRepo): Promise<void> => {
  try {
    await octokit.request('GET /repos/{owner}/{repo}/commits', { ...ownerAndRepo, per_page: 1 });
  } catch (cause) {
    // A repository without commits answers 409.
    if (getStatus(cause) === 409) return;
    if (getStatus(cause) !== 404) throw cause;
    throw new Error(`The files of ${ownerAndRepo.owner}/${ownerAndRepo.repo} cannot be read`, { cause });
  }
};

/** Returns the last commit that changed the file; null if there is none. */
const fetchLastCommit = async (octokit: Octokit, ownerAndRepo: OwnerAndRepo): Promise<string | null> => {
  const commits = await request(
    octokit,
    v.array(v.object({ sha: v.string() })),
    'GET /repos/{owner}/{repo}/commits',
    { ...ownerAndRepo, path: policyPath, per_page: 1 },
  );
  return commits[0]?.sha ?? null;
};

type PolicyReadResult = Awaited<ReturnType<PolicyReader>>;

const toLoadedPolicy = (read: PolicyReadResult, commit: string | null): LoadedPolicy =>
  'policy' in read
    ? { state: 'read', policy: read.policy, commit }
    : { state: 'broken', mistakes: read.mistakes, commit };

const readContents = async (file: Contents, read: PolicyReader): Promise<PolicyReadResult> => {
  const toInvalid = (message: string, expected: string): PolicyReadResult => ({
    mistakes: [toFileProblem(message, expected)],
  });
  if (file === 'folder' || file.type !== 'file') {
    return toInvalid(`This is a ${file === 'folder' ? file : file.type}`, 'a file');
  }
  if (file.size > maxPolicyBytes) return { mistakes: [toTooLargeProblem(file.size)] };
  if (file.encoding !== 'base64' || file.content === undefined)
    throw new Error(`GitHub sent ${policyPath} without its content`);
  const text = decodeText(decodeBase64(file.content));
  return text === undefined ? toInvalid('The file is not text', 'UTF-8') : read(text);
};

import { LRUCache } from 'lru-cache';
import { hasCodeOwner } from '../policy/index.ts';
import { bytesOf, textOf } from './blob-text.ts';
import { askContents, type Contents } from './contents.ts';
import type { Octokit } from './octokit.ts';
import { policyPath } from './policies.ts';
import type { CodeOwners, Repository } from './port.ts';

/** Where GitHub looks for the file; the first that is there counts. */
const places = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'];

/** The largest file that is read, in bytes. GitHub reads up to 3 MB; nothing is said about one that we do not read. */
const maxBytes = 256 * 1_024;

/** How long the answer may take: a hint is not worth a longer wait. */
const usualMilliseconds = 2_000;

/** What a file says; undefined if it cannot be read. */
type Known = { etag: string; isOwned: boolean | undefined };

/**
 * CODEOWNERS through the contents API, which takes one to three requests: unchanged files of the default branch answer conditional
 * ones with 304. A request that takes too long is ended.
 */
export const octokitCodeOwners = (octokit: Octokit, milliseconds = usualMilliseconds): CodeOwners => {
  const known = new LRUCache<string, Known>({ max: 500 });

  const find = async ({ id, name }: Repository, commit: string | undefined, signal: AbortSignal) => {
    for (const place of places) {
      const key = `${id} ${name} ${place}`;
      const before = commit === undefined ? known.get(key) : undefined;
      const more = { ...(commit === undefined ? {} : { ref: commit }), request: { signal, retries: 0 } };
      const answer = await askContents(octokit, name, place, before, more);
      if (answer === 'absent') {
        if (commit === undefined) known.delete(key);
        continue;
      }
      if ('unchanged' in answer) return answer.unchanged.isOwned;
      const { body, etag } = answer;
      if (body === 'folder') continue;
      const isOwned = isOwnedBy(body);
      if (commit === undefined && etag !== undefined) known.set(key, { etag, isOwned });
      return isOwned;
    }
    return false;
  };

  return {
    ownPolicy: async (repository, commit) => {
      const stop = new AbortController();
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<undefined>((resolve) => {
        timer = setTimeout(resolve, milliseconds, undefined);
      });
      // What was not sent yet, such as a request for a token, does not know the signal.
      const found = find(repository, commit, stop.signal).catch(() => undefined);
      return Promise.race([found, timeout]).finally(() => {
        clearTimeout(timer);
        stop.abort();
      });
    },
  };
};

/** Whether the file names an owner of the policy; undefined if it is not one that we can read. */
const isOwnedBy = ({ type, size, encoding, content }: Exclude<Contents, 'folder'>): boolean | undefined => {
  if (type !== 'file' || size > maxBytes || encoding !== 'base64' || content === undefined) return undefined;
  const bytes = bytesOf(content);
  const text = bytes.length > maxBytes ? undefined : textOf(bytes);
  return text === undefined ? undefined : hasCodeOwner(text, policyPath);
};

import { LRUCache } from 'lru-cache';
import { hasCodeOwner } from '../policy/index.ts';
import { decodeBase64, decodeText } from './base64-text.ts';
import { fetchContents, type Contents } from './contents.ts';
import type { Octokit } from './api-client.ts';
import { policyPath } from './policy-loader.ts';
import type { CodeOwners } from './ports.ts';
import type { Repository } from '../incoming-comment.ts';

/** The paths of the file, in GitHub's order; the first one that exists counts. */
const codeOwnersPaths = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'];

/** The maximum size of the file, in bytes. GitHub reads up to 3 MB; for larger files than ours, the owners are unknown. */
const maxBytes = 256 * 1_024;

/** The default timeout. A hint does not justify a longer wait. */
const defaultTimeoutMilliseconds = 2_000;

/** A cached file. `isOwned`: undefined if the file cannot be read. */
type CachedFile = { etag: string; isOwned: boolean | undefined };

/**
 * Returns an adapter that reads CODEOWNERS with the contents API, in one to three requests. Files on the default branch are requested
 * conditionally (304 if unchanged). Requests are aborted after the timeout.
 */
export const createOctokitCodeOwners = (
  octokit: Octokit,
  timeoutMilliseconds = defaultTimeoutMilliseconds,
): CodeOwners => {
  const cache = new LRUCache<string, CachedFile>({ max: 500 });

  const find = async ({ id, name }: Repository, commit: string | undefined, signal: AbortSignal) => {
    for (const path of codeOwnersPaths) {
      const key = `${id} ${name} ${path}`;
      const cached = commit === undefined ? cache.get(key) : undefined;
      const more = { ...(commit === undefined ? {} : { ref: commit }), request: { signal, retries: 0 } };
      const response = await fetchContents(octokit, name, path, cached, more);
      if (response === 'absent') {
        if (commit === undefined) cache.delete(key);
        continue;
      }
      if ('unchanged' in response) return response.unchanged.isOwned;
      const { body, etag } = response;
      if (body === 'folder') continue;
      const isOwned = hasOwner(body);
      if (commit === undefined && etag !== undefined) cache.set(key, { etag, isOwned });
      return isOwned;
    }
    return false;
  };

  return {
    hasPolicyOwner: async (repository, commit) => {
      const stop = new AbortController();
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<undefined>((resolve) => {
        timer = setTimeout(resolve, timeoutMilliseconds, undefined);
      });
      // A request that is made first, such as one for a token, ignores the signal.
      const found = find(repository, commit, stop.signal).catch(() => undefined);
      return Promise.race([found, timeout]).finally(() => {
        clearTimeout(timer);
        stop.abort();
      });
    },
  };
};

/** Returns whether the file has an owner for the policy; undefined if we cannot read the file. */
const hasOwner = ({ type, size, encoding, content }: Exclude<Contents, 'folder'>): boolean | undefined => {
  if (type !== 'file' || size > maxBytes || encoding !== 'base64' || content === undefined) return undefined;
  const bytes = decodeBase64(content);
  const text = bytes.length > maxBytes ? undefined : decodeText(bytes);
  return text === undefined ? undefined : hasCodeOwner(text, policyPath);
};

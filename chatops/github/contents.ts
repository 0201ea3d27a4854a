import * as v from 'valibot';
import { requestWithETag, toOwnerAndRepo, getStatus, type Octokit } from './api-client.ts';

/** The content at a path: a file in base64 (or an object that the contents API shows as a file), or a folder. */
const Contents = v.union([
  v.object({
    type: v.string(),
    size: v.number(),
    encoding: v.optional(v.string()),
    content: v.optional(v.string()),
  }),
  v.pipe(
    v.array(v.unknown()),
    v.transform(() => 'folder' as const),
  ),
]);
export type Contents = v.InferOutput<typeof Contents>;

/** The cached content of a path, and its ETag. */
type CachedContents = { etag: string };

type ContentsResponse<K> = { body: Contents; etag: string | undefined } | { unchanged: K } | 'absent';

/**
 * Requests the content at a path, on the default branch unless `more` has a `ref`. `absent`: GitHub answers 404.
 * @param name `owner/name` of the repository
 * @param cached makes the request conditional; it is returned if nothing has changed
 * @throws any other error
 */
export const fetchContents = async <K extends CachedContents>(
  octokit: Octokit,
  name: string,
  path: string,
  cached: K | undefined,
  options: Record<string, unknown> = {},
): Promise<ContentsResponse<K>> => {
  const unlessUnchanged = cached ? { headers: { 'if-none-match': cached.etag } } : {};
  const parameters = { ...toOwnerAndRepo(name), path, ...unlessUnchanged, ...options };
  try {
    return await requestWithETag(octokit, Contents, 'GET /repos/{owner}/{repo}/contents/{path}', parameters);
  } catch (error) {
    // Octokit throws for every status that is not a success, including 304.
    if (cached && getStatus(error) === 304) return { unchanged: cached };
    if (getStatus(error) === 404) return 'absent';
    throw error;
  }
};

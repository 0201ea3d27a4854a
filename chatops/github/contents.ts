import * as v from 'valibot';
import { askTagged, ownerAndName, statusOf, type Octokit } from './api-client.ts';

/** The content at a path: a file (or another object that the contents API shows as one) in base64, or a folder. */
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
type Tagged = { etag: string };

type ContentsAnswer<K> = { body: Contents; etag: string | undefined } | { unchanged: K } | 'absent';

/**
 * Requests the content at a path, on the default branch unless `more` has a `ref`. `absent`: GitHub answers 404.
 * @param name `owner/name` of the repository
 * @param known makes the request conditional; it is returned if nothing has changed
 * @throws any other error
 */
export const askContents = async <K extends Tagged>(
  octokit: Octokit,
  name: string,
  path: string,
  known: K | undefined,
  more: Record<string, unknown> = {},
): Promise<ContentsAnswer<K>> => {
  const unlessUnchanged = known ? { headers: { 'if-none-match': known.etag } } : {};
  const parameters = { ...ownerAndName(name), path, ...unlessUnchanged, ...more };
  try {
    return await askTagged(octokit, Contents, 'GET /repos/{owner}/{repo}/contents/{path}', parameters);
  } catch (error) {
    // Octokit throws for every status that is not a success, including 304.
    if (known && statusOf(error) === 304) return { unchanged: known };
    if (statusOf(error) === 404) return 'absent';
    throw error;
  }
};

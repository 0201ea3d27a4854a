import * as v from 'valibot';
import { classifyError } from './classify-error.ts';

/** The part of Octokit that the adapters use: requests by route template (`GET /repos/{owner}/{repo}`). */
export type Octokit = {
  request(
    route: string,
    parameters?: Record<string, unknown>,
  ): Promise<{ data: unknown; headers?: { link?: string | undefined; etag?: string | undefined } }>;
};

/** A response of GitHub that does not have the documented form. */
export class UnexpectedResponseError extends Error {
  override name = 'UnexpectedResponseError';
}

/** Calls a route and reads the fields that we use. @throws UnexpectedResponseError, or Octokit's own `HttpError` with its `status` */
export const request = async <const S extends v.GenericSchema>(
  octokit: Octokit,
  schema: S,
  route: string,
  parameters: Record<string, unknown> = {},
): Promise<v.InferOutput<S>> => (await requestWithETag(octokit, schema, route, parameters)).body;

/** Calls a route like `request`, and also returns the ETag for a later conditional request (`If-None-Match`). */
export const requestWithETag = async <const S extends v.GenericSchema>(
  octokit: Octokit,
  schema: S,
  route: string,
  parameters: Record<string, unknown>,
): Promise<{ body: v.InferOutput<S>; etag: string | undefined }> => {
  const { data, headers } = await octokit.request(route, parameters);
  const result = v.safeParse(schema, data);
  if (result.success) return { body: result.output, etag: headers?.etag };
  const [issue] = result.issues;
  throw new UnexpectedResponseError(`${route}: ${v.getDotPath(issue) ?? 'the response'}: ${issue.message}`);
};

const pageSize = 100;

/** Yields the items of a list; requests pages as they are consumed. @param schema parses the items of a page */
export async function* paginate<T>(
  octokit: Octokit,
  schema: v.GenericSchema<unknown, readonly T[]>,
  route: string,
  parameters: Record<string, unknown>,
): AsyncGenerator<T, void, void> {
  for (let page = 1; ; page += 1) {
    const items = await request(octokit, schema, route, { ...parameters, per_page: pageSize, page });
    yield* items;
    if (items.length < pageSize) return;
  }
}

/** Returns the HTTP status of a failed request; undefined if there was no response. */
export const getStatus = (error: unknown): number | undefined => {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' ? status : undefined;
};

/** Returns the result of a call; undefined if what it requests does not exist, or was deleted. */
export const unlessGone = async <T>(call: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await call();
  } catch (error) {
    const status = getStatus(error);
    if (status === 404 || status === 410) return undefined;
    throw error;
  }
};

/** Splits `owner/name` into the two parameters of a route. */
export const toOwnerAndRepo = (name: string): { owner: string; repo: string } => {
  const slash = name.indexOf('/');
  return { owner: name.slice(0, slash), repo: name.slice(slash + 1) };
};

/** Returns whether a request failed because the resource does not exist or is not accessible, but not because of a rate limit. */
export const isNotFoundOrForbidden = (error: unknown): boolean => {
  const kind = classifyError(error)?.kind;
  return kind === 'not-found' || kind === 'forbidden' || kind === 'locked-or-archived';
};

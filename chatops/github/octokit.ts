import * as v from 'valibot';

/** What the adapters need of an Octokit: one call, by route template (`GET /repos/{owner}/{repo}`). */
export type Octokit = {
  request(
    route: string,
    parameters?: Record<string, unknown>,
  ): Promise<{ data: unknown; headers?: { link?: string | undefined; etag?: string | undefined } }>;
};

/** GitHub answered with something that has not the documented form. */
export class UnexpectedAnswer extends Error {
  override name = 'UnexpectedAnswer';
}

/** Calls a route and reads the fields that we use. @throws UnexpectedAnswer, or Octokit's own `HttpError` with its `status` */
export const ask = async <const S extends v.GenericSchema>(
  octokit: Octokit,
  schema: S,
  route: string,
  parameters: Record<string, unknown> = {},
): Promise<v.InferOutput<S>> => {
  const { data } = await octokit.request(route, parameters);
  const result = v.safeParse(schema, data);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new UnexpectedAnswer(`${route}: ${v.getDotPath(issue) ?? 'the answer'}: ${issue.message}`);
};

/** The HTTP status of a failed call; undefined when there was no answer. */
export const statusOf = (error: unknown): number | undefined => {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' ? status : undefined;
};

/** `owner/name` as the two parameters of a route. */
export const ownerAndName = (name: string): { owner: string; repo: string } => {
  const slash = name.indexOf('/');
  return { owner: name.slice(0, slash), repo: name.slice(slash + 1) };
};

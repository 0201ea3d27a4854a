import * as v from 'valibot';
import type { IncomingComment } from '../../chatops/github/port.ts';

/** The fields of an `issue_comment.created` webhook that we use. */
const Payload = v.object({
  issue: v.object({ number: v.number(), pull_request: v.optional(v.unknown()) }),
  comment: v.object({
    id: v.number(),
    body: v.nullish(v.string(), ''),
    created_at: v.string(),
    user: v.nullish(v.object({ id: v.number(), login: v.string(), type: v.string() })),
    performed_via_github_app: v.nullish(v.object({ id: v.number() })),
  }),
  repository: v.object({
    id: v.number(),
    full_name: v.pipe(v.string(), v.regex(/^[^/]+\/[^/]+$/, 'expected owner/name')),
  }),
  installation: v.optional(v.object({ id: v.number() })),
});
type Payload = v.InferOutput<typeof Payload>;

/** Why nobody listens to a comment: we wrote it, another program did, its author is gone, or we could not reply to it. */
export type Unheard = 'by-us' | 'by-a-bot' | 'by-nobody' | 'no-installation';

/** A comment on a thread where our app is installed. */
export type HeardComment = IncomingComment & { installation: number };

/** A webhook that is signed, yet has not the documented form; answered with its `status`. */
export class WrongPayload extends Error {
  override name = 'WrongPayload';
  readonly status = 400;
}

/**
 * The comment in a webhook: what it said then, and who wrote it.
 * @param app the id of our GitHub App
 * @throws WrongPayload
 */
export const readComment = (
  payload: unknown,
  { app, host }: { app: number; host: string },
): HeardComment | Unheard => {
  const result = v.safeParse(Payload, payload);
  if (!result.success) {
    const [issue] = result.issues;
    throw new WrongPayload(
      `The issue_comment webhook is wrong at ${v.getDotPath(issue) ?? 'its root'}: ${issue.message}`,
    );
  }
  const {
    comment: { user },
    installation,
  } = result.output;
  if (!user) return 'by-nobody';
  const program = programOf(result.output, user.type, app);
  if (program) return program;
  return installation ? heard(result.output, user, installation.id, host) : 'no-installation';
};

/** A comment through an app is a program's even where it bears a person's name. */
const programOf = ({ comment }: Payload, type: string, app: number): Unheard | undefined => {
  const via = comment.performed_via_github_app?.id;
  if (via === app) return 'by-us';
  return via !== undefined || type === 'Bot' ? 'by-a-bot' : undefined;
};

const heard = (
  { issue, comment, repository }: Payload,
  { id, login }: { id: number; login: string },
  installation: number,
  host: string,
): HeardComment => ({
  host,
  thread: {
    repository: { id: repository.id, name: repository.full_name },
    number: issue.number,
    kind: issue.pull_request ? 'pull-request' : 'issue',
  },
  comment: { id: comment.id, createdAt: comment.created_at, body: comment.body },
  author: { id, login },
  installation,
});

import * as v from 'valibot';
import { parseJson } from '../../contracts/problem.ts';
import { retry } from '../../runtime/async/retry.ts';
import { findAddressProblem } from '../../runtime/secure-address.ts';
import type { PlatformFile } from '../../local/platform/platform-file.ts';
import { UserFacingError } from '../../runtime/user-facing-error.ts';

const Comment = v.object({
  id: v.number(),
  body: v.string(),
  created_at: v.string(),
  user: v.object({ login: v.string(), type: v.string() }),
});
export type Comment = v.InferOutput<typeof Comment>;

const Issue = v.object({ number: v.number(), html_url: v.string() });
const Reaction = v.object({ content: v.string(), user: v.object({ login: v.string() }) });

/** A client of the embedded GitHub's REST API, with the token of a person. */
export type GitHubClient = {
  openIssue(title: string, body: string): Promise<v.InferOutput<typeof Issue>>;
  comment(issue: number, body: string): Promise<Comment>;
  /** Returns the comments after a comment, oldest first. */
  commentsSince(issue: number, comment: Comment): Promise<Comment[]>;
  /** Returns the contents of a comment's reactions: `eyes`, `rocket`, `confused`. */
  reactions(comment: number): Promise<string[]>;
};

/** The embedded GitHub refused a call, or does not respond. The message is for the user. */
export class GitHubCallError extends UserFacingError {
  override name = 'GitHubCallError';
  /** The status of a refusal. */
  readonly status: number | undefined;
  constructor(message: string, { status, ...options }: ErrorOptions & { status?: number } = {}) {
    super(message, options);
    this.status = status;
  }
}

const Refusal = v.object({
  message: v.string(),
  errors: v.optional(v.array(v.object({ message: v.optional(v.string()) }))),
});

const toGitHubCallError = (what: string, status: number, text: string): GitHubCallError => {
  const read = parseJson(Refusal, text);
  const messages = read.ok
    ? [read.value.message, ...(read.value.errors ?? []).map(({ message }) => message)]
    : [];
  const reasons = [status, ...messages].filter(Boolean).join(', ');
  return new GitHubCallError(`GitHub refused ${what}: ${reasons}.`, { status });
};

const readBackoff = { minMilliseconds: 50, maxMilliseconds: 500 };

/** Creates a client with the token of a person. Its methods throw GitHubCallError. */
export const createGitHubClient = ({ github }: PlatformFile, token: string): GitHubClient => {
  const call = async <const S extends v.GenericSchema>(
    schema: S,
    method: string,
    path: string,
    body?: object,
  ) => {
    const insecure = findAddressProblem(github.url);
    if (insecure !== undefined)
      throw new GitHubCallError(`Cannot send the token to the platform's GitHub: expected ${insecure}.`);
    const send = () =>
      fetch(`${github.url}/api/v3/repos/${github.repository}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/vnd.github+json',
          'content-type': 'application/json',
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        redirect: 'error',
        signal: AbortSignal.timeout(10_000),
      });
    // A server may close an idle connection just when a request begins on it. Only reads can be repeated.
    const attempts = { backoff: readBackoff, maxAttempts: method === 'GET' ? 3 : 1 };
    const response = await retry(send, attempts).catch((cause: unknown) => {
      const again = 'When you start it again, it continues the running jobs.';
      throw new GitHubCallError(`The platform is no longer responding. ${again}`, { cause });
    });
    const text = await response.text();
    if (!response.ok) throw toGitHubCallError(`${method} ${github.repository}${path}`, response.status, text);
    return v.parse(schema, JSON.parse(text));
  };
  return {
    openIssue: (title, body) => call(Issue, 'POST', '/issues', { title, body }),
    comment: (issue, body) => call(Comment, 'POST', `/issues/${issue}/comments`, { body }),
    commentsSince: async (issue, { id, created_at: since }) => {
      const query = new URLSearchParams({ since, per_page: '100' }).toString();
      const comments = await call(v.array(Comment), 'GET', `/issues/${issue}/comments?${query}`);
      return comments.filter((comment) => comment.id > id);
    },
    reactions: async (comment) => {
      const reactions = await call(v.array(Reaction), 'GET', `/issues/comments/${comment}/reactions`);
      return reactions.map(({ content }) => content);
    },
  };
};

import * as v from 'valibot';
import type { PlatformFile } from '../platform/file.ts';

const Comment = v.object({
  id: v.number(),
  body: v.string(),
  created_at: v.string(),
  user: v.object({ login: v.string(), type: v.string() }),
});
export type Comment = v.InferOutput<typeof Comment>;

const Issue = v.object({ number: v.number(), html_url: v.string() });
const Reaction = v.object({ content: v.string(), user: v.object({ login: v.string() }) });

/** What a person does on the embedded GitHub, through GitHub's REST API. */
export type Person = {
  openIssue(title: string, body: string): Promise<v.InferOutput<typeof Issue>>;
  comment(issue: number, body: string): Promise<Comment>;
  /** The comments written after a comment, oldest first. */
  commentsSince(issue: number, comment: Comment): Promise<Comment[]>;
  /** The contents of a comment's reactions: `eyes`, `rocket`, `confused`. */
  reactions(comment: number): Promise<string[]>;
};

/** A person with their own token. Answers that are no success are thrown with GitHub's message. */
export const person = ({ github }: PlatformFile, token: string): Person => {
  const call = async <const S extends v.GenericSchema>(
    schema: S,
    method: string,
    path: string,
    body?: object,
  ) => {
    const response = await fetch(`${github.url}/api/v3/repos/${github.repository}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/vnd.github+json',
        'content-type': 'application/json',
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`${method} ${path} was answered ${response.status}: ${text.slice(0, 300)}`);
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

import { readMarker } from '../../chatops/reply/render-reply.ts';
import type { VerifyFixture } from './fixture.ts';

type User = { id: number; login: string };
type Comment = { id: number; body: string; user: User };

/** Calls the embedded GitHub's API of the repository. @throws Error if it refuses */
const callGitHub = async <T>(
  { github }: VerifyFixture,
  path: string,
  written?: { by: string; body: string },
): Promise<T> => {
  const token = written
    ? github.users.find(({ login }) => login === written.by)?.token
    : github.workflowToken;
  const answer = await fetch(`${github.url}/api/v3/repos/${github.repository}${path}`, {
    method: written ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(written ? { body: JSON.stringify({ body: written.body }) } : {}),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
};

/** Returns the repository in the payloads of events. */
export const getRepository = (fixture: VerifyFixture): Promise<{ id: number; full_name: string }> =>
  callGitHub(fixture, '');

/** Writes a comment on the first issue, and returns the payload of its event. */
export const writeComment = async (
  fixture: VerifyFixture,
  by: string,
  body: string,
): Promise<{ comment: Comment } & Record<string, unknown>> => {
  const issue = `/issues/${fixture.github.issue}`;
  const comment = await callGitHub<Comment>(fixture, `${issue}/comments`, { by, body });
  return { action: 'created', comment, issue: await callGitHub(fixture, issue), sender: comment.user };
};

/** Returns the texts of all replies on the first issue. */
export const listReplies = async (fixture: VerifyFixture): Promise<string[]> => {
  const comments = await callGitHub<Comment[]>(
    fixture,
    `/issues/${fixture.github.issue}/comments?per_page=100`,
  );
  return comments.map(({ body }) => body).filter((body) => readMarker(body) !== undefined);
};

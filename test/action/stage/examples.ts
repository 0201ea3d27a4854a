import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { GitHubStandIn, StoredComment } from '../../bot/stand-ins/github.ts';

type User = StoredComment['user'];
type Comment = Omit<StoredComment, 'issue' | 'performed_via_github_app'> & Record<string, unknown>;

/** An event of GitHub's own examples (`@octokit/webhooks-examples`): what we name of it. */
export type Example = {
  action?: string;
  issue: { number: number; comments: number; pull_request?: object };
  comment: Comment;
  changes?: { body: { from: string } };
  repository: { id: number; full_name: string; private: boolean };
  pull_request: { number: number; head: Head; base: Head };
  sender: User;
};
type Head = { sha: string; ref: string; repo: { id: number; full_name: string; fork: boolean } };

const all = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve('@octokit/webhooks-examples'), 'utf8'),
) as { name: string; examples: Example[] }[];

/** All examples of an event. Each call makes them anew. @throws Error if there is none */
export const examplesOf = (event: string, action?: string): Example[] => {
  const found = (all.find(({ name }) => name === event)?.examples ?? []).filter(
    (example) => action === undefined || example.action === action,
  );
  if (found.length === 0) throw new Error(`There is no example of ${event} ${action ?? ''}`);
  return structuredClone(found);
};

/** The first example of an event that fits. */
export const exampleOf = (event: string, fits: (example: Example) => boolean = () => true): Example => {
  const found = examplesOf(event).find(fits);
  if (!found) throw new Error(`No example of ${event} fits`);
  return found;
};

/** The comment of an example says something else, now. */
export const saying = (example: Example, body: string, now = new Date()): Example => {
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z');
  return { ...example, comment: { ...example.comment, body, created_at: time, updated_at: time } };
};

/** GitHub has what an example tells of, and a person who may write there. */
export const enact = (github: GitHubStandIn, { repository, issue, comment, sender }: Example): void => {
  const { id, full_name, private: isPrivate } = repository;
  github.repository = { id, full_name, private: isPrivate };
  github.permissions.set(sender.login, { permission: 'write', role_name: 'write' });
  if (comment) github.comments.push({ ...comment, issue: issue.number, performed_via_github_app: null });
};

/** How the runner tells of an example: the rest stands in the payload. */
export const runnerOf = (event: string, { repository, sender }: Example): NodeJS.ProcessEnv => ({
  GITHUB_EVENT_NAME: event,
  GITHUB_REPOSITORY: repository.full_name,
  GITHUB_REPOSITORY_ID: String(repository.id),
  GITHUB_ACTOR: sender.login,
  GITHUB_ACTOR_ID: String(sender.id),
  GITHUB_TRIGGERING_ACTOR: sender.login,
});

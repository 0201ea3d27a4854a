import { repositoryName, workflows, type Account, type Accounts } from '../accounts.ts';
import type { Addresses } from '../addresses.ts';
import type { Comment } from '../store/comments.ts';
import type { Issue } from '../store/issues.ts';
import type { Label } from '../store/labels.ts';
import { reactionFaces, type Reaction } from '../store/reactions.ts';
import { appShape, type AppFacts } from './app.ts';
import { nodeId, userShape } from './user.ts';

/** What the shapes of a conversation are made with. */
export type Surroundings = { accounts: Accounts; addresses: Addresses; app: AppFacts };

/** An issue, or a pull request as it is listed among the issues: GitHub's `issue`. */
export const issueShape = (
  issue: Issue,
  labels: readonly Label[],
  { accounts, addresses, app }: Surroundings,
) => {
  const repository = `${addresses.api}/repos/${repositoryName}`;
  const url = `${repository}/issues/${issue.number}`;
  const author = accounts.byId(issue.author);
  return {
    url,
    repository_url: repository,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: issuePage(issue, addresses),
    id: issue.id,
    node_id: nodeId('Issue', issue.id),
    number: issue.number,
    title: issue.title,
    user: userShape(author, addresses),
    labels: labels.map((label) => labelShape(label, addresses)),
    state: issue.state,
    state_reason: issue.stateReason,
    draft: false,
    locked: issue.locked === 1,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: issue.comments,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    closed_by: issue.closedBy === null ? null : userShape(accounts.byId(issue.closedBy), addresses),
    author_association: author.association,
    active_lock_reason: issue.lockReason,
    body: issue.body,
    ...(issue.isPull ? { pull_request: pullLinks(issue.number, addresses) } : {}),
    reactions: rollup(url, []),
    performed_via_github_app: writtenThrough(author, { addresses, app }),
  };
};

/** A comment as GitHub's `issue-comment`. */
export const commentShape = (
  comment: Comment,
  reactions: readonly Reaction[],
  { accounts, addresses, app }: Surroundings,
) => {
  const repository = `${addresses.api}/repos/${repositoryName}`;
  const url = `${repository}/issues/comments/${comment.id}`;
  const author = accounts.byId(comment.author);
  return {
    url,
    html_url: `${issuePage({ number: comment.issue, isPull: comment.onPull }, addresses)}#issuecomment-${comment.id}`,
    issue_url: `${repository}/issues/${comment.issue}`,
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    user: userShape(author, addresses),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: author.association,
    body: comment.body,
    reactions: rollup(url, reactions),
    performed_via_github_app:
      comment.appId === null || comment.appSlug === null
        ? writtenThrough(author, { addresses, app })
        : appShape({ ...app, id: comment.appId, slug: comment.appSlug }, addresses),
  };
};

/** GitHub's own app, as which workflows write. */
const actionsApp = { id: 15_368, slug: 'github-actions' };

const writtenThrough = (author: Account, { addresses, app }: Pick<Surroundings, 'addresses' | 'app'>) => {
  if (author.type !== 'Bot') return null;
  return appShape(author.id === workflows.id ? { ...app, ...actionsApp } : app, addresses);
};

/** A reaction as GitHub's `reaction`. */
export const reactionShape = (reaction: Reaction, { accounts, addresses }: Surroundings) => ({
  id: reaction.id,
  node_id: nodeId('Reaction', reaction.id),
  user: userShape(accounts.byId(reaction.author), addresses),
  content: reaction.content,
  created_at: reaction.createdAt,
});

/** The page of an issue or a pull request. */
export const issuePage = (
  { number, isPull }: Pick<Issue, 'number' | 'isPull'>,
  { site }: Addresses,
): string => `${site}/${repositoryName}/${isPull ? 'pull' : 'issues'}/${number}`;

const pullLinks = (number: number, addresses: Addresses) => {
  const page = issuePage({ number, isPull: 1 }, addresses);
  return {
    url: `${addresses.api}/repos/${repositoryName}/pulls/${number}`,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    merged_at: null,
  };
};

/** A label as GitHub's `label`. */
export const labelShape = ({ id, name }: Label, { api }: Addresses) => ({
  id,
  node_id: nodeId('Label', id),
  url: `${api}/repos/${repositoryName}/labels/${encodeURIComponent(name)}`,
  name,
  description: null,
  color: 'ededed',
  default: false,
});

const rollup = (url: string, reactions: readonly Reaction[]) => ({
  url: `${url}/reactions`,
  total_count: reactions.length,
  ...Object.fromEntries(
    Object.keys(reactionFaces).map((content) => [
      content,
      reactions.filter((reaction) => reaction.content === content).length,
    ]),
  ),
});

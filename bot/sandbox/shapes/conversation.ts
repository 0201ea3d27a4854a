import { repositoryName, type Accounts } from '../accounts.ts';
import type { Addresses } from '../addresses.ts';
import type { Comment } from '../store/comments.ts';
import type { Issue } from '../store/issues.ts';
import { reactionFaces, type Reaction } from '../store/reactions.ts';
import { appShape, type AppFacts } from './app.ts';
import { nodeId, userShape } from './user.ts';

/** What the shapes of a conversation are made with. */
export type Surroundings = { accounts: Accounts; addresses: Addresses; app: AppFacts };

/** An issue as GitHub's `issue`. */
export const issueShape = (issue: Issue, { accounts, addresses, app }: Surroundings) => {
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
    html_url: issuePage(issue.number, addresses),
    id: issue.id,
    node_id: nodeId('Issue', issue.id),
    number: issue.number,
    title: issue.title,
    user: userShape(author, addresses),
    labels: [],
    state: 'open',
    state_reason: null,
    draft: false,
    locked: false,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: issue.comments,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: null,
    closed_by: null,
    author_association: author.association,
    active_lock_reason: null,
    body: issue.body,
    reactions: rollup(url, []),
    performed_via_github_app: author.type === 'Bot' ? appShape(app, addresses) : null,
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
    html_url: `${issuePage(comment.issue, addresses)}#issuecomment-${comment.id}`,
    issue_url: `${repository}/issues/${comment.issue}`,
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    user: userShape(author, addresses),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: author.association,
    body: comment.body,
    reactions: rollup(url, reactions),
    performed_via_github_app: author.type === 'Bot' ? appShape(app, addresses) : null,
  };
};

/** A reaction as GitHub's `reaction`. */
export const reactionShape = (reaction: Reaction, { accounts, addresses }: Surroundings) => ({
  id: reaction.id,
  node_id: nodeId('Reaction', reaction.id),
  user: userShape(accounts.byId(reaction.author), addresses),
  content: reaction.content,
  created_at: reaction.createdAt,
});

/** The page of an issue. */
export const issuePage = (number: number, { site }: Addresses): string =>
  `${site}/${repositoryName}/issues/${number}`;

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

import { repositoryName, workflowAccount, type GitHubAccount, type Accounts } from '../accounts.ts';
import type { EmulatorAddresses } from '../addresses.ts';
import type { CommentRow } from '../store/comments.ts';
import type { IssueRow } from '../store/issues.ts';
import type { LabelRow } from '../store/labels.ts';
import { reactionEmoji, type ReactionRow } from '../store/reactions.ts';
import { serializeApp, type AppRecord } from './app.ts';
import { buildNodeId, serializeUser } from './user.ts';

/** The dependencies of the serializers. */
export type SerializerContext = { accounts: Accounts; addresses: EmulatorAddresses; app: AppRecord };

/** Serializes an issue, or a pull request in a list of issues, as GitHub's `issue`. */
export const serializeIssue = (
  issue: IssueRow,
  labels: readonly LabelRow[],
  { accounts, addresses, app }: SerializerContext,
) => {
  const repository = `${addresses.api}/repos/${repositoryName}`;
  const url = `${repository}/issues/${issue.number}`;
  const author = accounts.getById(issue.author);
  return {
    url,
    repository_url: repository,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: buildIssueUrl(issue, addresses),
    id: issue.id,
    node_id: buildNodeId('Issue', issue.id),
    number: issue.number,
    title: issue.title,
    user: serializeUser(author, addresses),
    labels: labels.map((label) => serializeLabel(label, addresses)),
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
    closed_by: issue.closedBy === null ? null : serializeUser(accounts.getById(issue.closedBy), addresses),
    author_association: author.association,
    active_lock_reason: issue.lockReason,
    body: issue.body,
    ...(issue.isPull ? { pull_request: buildPullLinks(issue.number, addresses) } : {}),
    reactions: countReactions(url, []),
    performed_via_github_app: serializeAuthoringApp(author, { addresses, app }),
  };
};

/** Serializes a comment as GitHub's `issue-comment`. */
export const serializeComment = (
  comment: CommentRow,
  reactions: readonly ReactionRow[],
  { accounts, addresses, app }: SerializerContext,
) => {
  const repository = `${addresses.api}/repos/${repositoryName}`;
  const url = `${repository}/issues/comments/${comment.id}`;
  const author = accounts.getById(comment.author);
  return {
    url,
    html_url: `${buildIssueUrl({ number: comment.issue, isPull: comment.onPull }, addresses)}#issuecomment-${comment.id}`,
    issue_url: `${repository}/issues/${comment.issue}`,
    id: comment.id,
    node_id: buildNodeId('IssueComment', comment.id),
    user: serializeUser(author, addresses),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: author.association,
    body: comment.body,
    reactions: countReactions(url, reactions),
    performed_via_github_app:
      comment.appId === null || comment.appSlug === null
        ? serializeAuthoringApp(author, { addresses, app })
        : serializeApp({ ...app, id: comment.appId, slug: comment.appSlug }, addresses),
  };
};

/** GitHub's own app, under which workflows write. */
const actionsApp = { id: 15_368, slug: 'github-actions' };

const serializeAuthoringApp = (
  author: GitHubAccount,
  { addresses, app }: Pick<SerializerContext, 'addresses' | 'app'>,
) => {
  if (author.type !== 'Bot') return null;
  return serializeApp(author.id === workflowAccount.id ? { ...app, ...actionsApp } : app, addresses);
};

/** Serializes a reaction as GitHub's `reaction`. */
export const serializeReaction = (reaction: ReactionRow, { accounts, addresses }: SerializerContext) => ({
  id: reaction.id,
  node_id: buildNodeId('Reaction', reaction.id),
  user: serializeUser(accounts.getById(reaction.author), addresses),
  content: reaction.content,
  created_at: reaction.createdAt,
});

/** Returns the address of the page of an issue or a pull request. */
export const buildIssueUrl = (
  { number, isPull }: Pick<IssueRow, 'number' | 'isPull'>,
  { site }: EmulatorAddresses,
): string => `${site}/${repositoryName}/${isPull ? 'pull' : 'issues'}/${number}`;

const buildPullLinks = (number: number, addresses: EmulatorAddresses) => {
  const page = buildIssueUrl({ number, isPull: 1 }, addresses);
  return {
    url: `${addresses.api}/repos/${repositoryName}/pulls/${number}`,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    merged_at: null,
  };
};

/** Serializes a label as GitHub's `label`. */
export const serializeLabel = ({ id, name }: LabelRow, { api }: EmulatorAddresses) => ({
  id,
  node_id: buildNodeId('Label', id),
  url: `${api}/repos/${repositoryName}/labels/${encodeURIComponent(name)}`,
  name,
  description: null,
  color: 'ededed',
  default: false,
});

/** Serializes reactions as GitHub's `reaction-rollup`. `url`: the address of the comment or issue in the API. */
export const countReactions = (url: string, reactions: readonly ReactionRow[]) => ({
  url: `${url}/reactions`,
  total_count: reactions.length,
  ...Object.fromEntries(
    Object.keys(reactionEmoji).map((content) => [
      content,
      reactions.filter((reaction) => reaction.content === content).length,
    ]),
  ),
});

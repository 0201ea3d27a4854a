import { repositoryName } from '../accounts.ts';
import type { FileChange } from '../git/diff.ts';
import type { IssueRow } from '../store/issues.ts';
import type { LabelRow } from '../store/labels.ts';
import type { PullRow } from '../store/pulls.ts';
import { serializeIssue, type SerializerContext } from './conversation.ts';
import { sumChanges } from './git.ts';
import { serializeFork, serializeRepository, type RepositoryRecord } from './repository.ts';
import { buildNodeId, serializeOwner, serializeUser } from './user.ts';

/** The records that a pull request consists of. */
type PullParts = { pull: PullRow; issue: IssueRow; labels: readonly LabelRow[]; facts: RepositoryRecord };

/** Serializes a pull request as in lists: GitHub's `pull-request-simple`. */
export const serializePull = (
  { pull, issue, labels, facts }: PullParts,
  serializerContext: SerializerContext,
) => {
  const { addresses } = serializerContext;
  const { user, milestone, assignee, assignees, author_association, html_url, ...conversation } =
    serializeIssue(issue, labels, serializerContext);
  const repository = `${addresses.api}/repos/${repositoryName}`;
  const url = `${repository}/pulls/${pull.number}`;
  const pullLinks = buildLinks(url, conversation.url, `${repository}/statuses/${pull.headSha}`);
  return {
    url,
    id: issue.id,
    node_id: buildNodeId('PullRequest', issue.id),
    html_url,
    diff_url: `${html_url}.diff`,
    patch_url: `${html_url}.patch`,
    issue_url: conversation.url,
    ...pullLinks,
    number: pull.number,
    state: conversation.state,
    locked: conversation.locked,
    active_lock_reason: conversation.active_lock_reason,
    title: conversation.title,
    user,
    body: conversation.body === '' ? null : conversation.body,
    created_at: conversation.created_at,
    updated_at: conversation.updated_at,
    closed_at: conversation.closed_at,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeSha,
    assignee,
    assignees,
    requested_reviewers: [],
    requested_teams: [],
    labels: conversation.labels,
    milestone,
    draft: false,
    head: serializeHead(pull, facts, serializerContext),
    base: {
      label: `${repositoryName.split('/')[0]}:${pull.base}`,
      ref: pull.base,
      sha: pull.baseSha,
      user: serializeOwner(addresses),
      repo: serializeBranchRepository(serializeRepository(facts, addresses)),
    },
    author_association,
    auto_merge: null,
    _links: {
      self: { href: url },
      html: { href: html_url },
      issue: { href: conversation.url },
      comments: { href: pullLinks.comments_url },
      review_comments: { href: pullLinks.review_comments_url },
      review_comment: { href: pullLinks.review_comment_url },
      commits: { href: pullLinks.commits_url },
      statuses: { href: pullLinks.statuses_url },
    },
  };
};

const buildLinks = (pull: string, issue: string, statuses: string) => ({
  commits_url: `${pull}/commits`,
  review_comments_url: `${pull}/comments`,
  review_comment_url: `${pull.replace(/\/\d+$/, '')}/comments{/number}`,
  comments_url: `${issue}/comments`,
  statuses_url: statuses,
});

const serializeHead = (
  { head, headSha, fork }: PullRow,
  facts: RepositoryRecord,
  { accounts, addresses }: SerializerContext,
) => {
  const owner = fork === null ? undefined : accounts.getById(fork);
  const user = owner ? serializeUser(owner, addresses) : serializeOwner(addresses);
  const repo = owner ? serializeFork(facts, owner, addresses) : serializeRepository(facts, addresses);
  return {
    label: `${user.login}:${head}`,
    ref: head,
    sha: headSha,
    user,
    repo: serializeBranchRepository(repo),
  };
};

/** Serializes a repository as in the branches of a pull request. */
const serializeBranchRepository = (repository: ReturnType<typeof serializeRepository>) => ({
  ...repository,
  allow_squash_merge: true,
  allow_merge_commit: true,
  allow_rebase_merge: true,
  allow_auto_merge: false,
  allow_update_branch: false,
  delete_branch_on_merge: false,
  use_squash_pr_title_as_default: false,
  squash_merge_commit_title: 'COMMIT_OR_PR_TITLE',
  squash_merge_commit_message: 'COMMIT_MESSAGES',
  merge_commit_title: 'MERGE_MESSAGE',
  merge_commit_message: 'PR_TITLE',
});

/** Serializes a single pull request, with the fields that lists omit, as GitHub's `pull-request`. */
export const serializeFullPull = (
  parts: PullParts,
  {
    commits,
    files,
    reviewComments,
    hasConflicts,
  }: { commits: number; files: readonly FileChange[]; reviewComments: number; hasConflicts: boolean },
  serializerContext: SerializerContext,
) => {
  const { additions, deletions } = sumChanges(files);
  const { mergedAt, mergedBy } = parts.pull;
  const { accounts, addresses } = serializerContext;
  // Once it is merged, GitHub no longer computes this.
  const mergeable = mergedAt === null ? !hasConflicts : null;
  return {
    ...serializePull(parts, serializerContext),
    merged: mergedAt !== null,
    mergeable,
    rebaseable: mergeable,
    mergeable_state: mergedAt !== null ? 'unknown' : hasConflicts ? 'dirty' : 'clean',
    merged_by: mergedBy === null ? null : serializeUser(accounts.getById(mergedBy), addresses),
    comments: parts.issue.comments,
    review_comments: reviewComments,
    maintainer_can_modify: false,
    commits,
    additions,
    deletions,
    changed_files: files.length,
  };
};

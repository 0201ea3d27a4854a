import type { EmulatorAddresses } from '../addresses.ts';
import type { ReactionRow } from '../store/reactions.ts';
import type { ReviewCommentRow } from '../store/review-comments.ts';
import type { ReviewRow } from '../store/reviews.ts';
import { buildIssueUrl, countReactions, type SerializerContext } from './conversation.ts';
import { buildApiUrl } from './git.ts';
import { buildNodeId, serializeUser } from './user.ts';

/** Serializes a review as GitHub's `pull-request-review`. The state is in lower case in webhooks only. */
export const serializeReview = (review: ReviewRow, { accounts, addresses }: SerializerContext) => {
  const { id, pull, body, commitSha, submittedAt, state } = review;
  const author = accounts.getById(review.author);
  const html = `${buildIssueUrl({ number: pull, isPull: 1 }, addresses)}#pullrequestreview-${id}`;
  const pullUrl = `${buildApiUrl(addresses)}/pulls/${pull}`;
  return {
    id,
    node_id: buildNodeId('PullRequestReview', id),
    user: serializeUser(author, addresses),
    body,
    state: state.toUpperCase(),
    html_url: html,
    pull_request_url: pullUrl,
    author_association: author.association,
    _links: { html: { href: html }, pull_request: { href: pullUrl } },
    submitted_at: submittedAt,
    commit_id: commitSha,
  };
};

/** Serializes a review as in webhooks. */
export const serializeWebhookReview = (review: ReviewRow, context: SerializerContext) => ({
  ...serializeReview(review, context),
  body: review.body === '' ? null : review.body,
  state: review.state,
});

/** Serializes a review comment as GitHub's `pull-request-review-comment`. Unlike other comments, it does not name the app that posted it. */
export const serializeReviewComment = (
  comment: ReviewCommentRow,
  reactions: readonly ReactionRow[],
  { accounts, addresses }: SerializerContext,
) => {
  const { id, pull, line } = comment;
  const author = accounts.getById(comment.author);
  const url = `${buildReviewCommentsUrl(addresses)}/${id}`;
  const html = `${buildIssueUrl({ number: pull, isPull: 1 }, addresses)}#discussion_r${id}`;
  const pullUrl = `${buildApiUrl(addresses)}/pulls/${pull}`;
  return {
    url,
    pull_request_review_id: comment.review,
    id,
    node_id: buildNodeId('PullRequestReviewComment', id),
    diff_hunk: comment.diffHunk,
    path: comment.path,
    commit_id: comment.commitSha,
    original_commit_id: comment.commitSha,
    user: serializeUser(author, addresses),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    html_url: html,
    pull_request_url: pullUrl,
    author_association: author.association,
    _links: { self: { href: url }, html: { href: html }, pull_request: { href: pullUrl } },
    reactions: countReactions(url, reactions),
    start_line: null,
    original_start_line: null,
    start_side: null,
    ...(line === null ? {} : { line, original_line: line }),
    side: 'RIGHT',
    position: 1,
    original_position: 1,
    subject_type: line === null ? 'file' : 'line',
    ...(comment.replyTo === null ? {} : { in_reply_to_id: comment.replyTo }),
  };
};

const buildReviewCommentsUrl = (addresses: EmulatorAddresses): string =>
  `${buildApiUrl(addresses)}/pulls/comments`;

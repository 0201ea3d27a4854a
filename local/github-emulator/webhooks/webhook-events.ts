import type { GitHubAccount } from '../accounts.ts';
import { serializeSimpleInstallation } from '../serializers/app.ts';
import { serializeLabel, type SerializerContext } from '../serializers/conversation.ts';
import type { Serializers } from '../serializers/serializers.ts';
import { serializeRepository } from '../serializers/repository.ts';
import { serializeOrganization, serializeUser } from '../serializers/user.ts';
import type { CommentRow } from '../store/comments.ts';
import type { EmulatorStore } from '../store/store.ts';
import type { LabelRow } from '../store/labels.ts';
import type { ReviewCommentRow } from '../store/review-comments.ts';
import type { ReviewRow } from '../store/reviews.ts';

/** An event of the repository, with its webhook payload. */
export type WebhookEvent = {
  event: 'issue_comment' | 'issues' | 'pull_request' | 'pull_request_review' | 'pull_request_review_comment';
  action: string;
  payload: object;
};

export type WebhookEvents = {
  /** Builds an event of an issue or a pull request, such as `opened` or `closed`. */
  buildConversation(action: string, number: number, sender: GitHubAccount, more?: object): WebhookEvent;
  /** Builds the event of a label that was added to or removed from an issue or pull request. */
  buildLabels(action: string, number: number, sender: GitHubAccount, label: LabelRow): WebhookEvent;
  buildCommentCreated(comment: CommentRow, sender: GitHubAccount): WebhookEvent;
  buildCommentEdited(comment: CommentRow, before: string, sender: GitHubAccount): WebhookEvent;
  buildCommentDeleted(comment: CommentRow, sender: GitHubAccount): WebhookEvent;
  buildReviewSubmitted(review: ReviewRow, sender: GitHubAccount): WebhookEvent;
  buildReviewEdited(review: ReviewRow, before: string, sender: GitHubAccount): WebhookEvent;
  buildReviewCommentCreated(comment: ReviewCommentRow, sender: GitHubAccount): WebhookEvent;
  buildReviewCommentEdited(comment: ReviewCommentRow, before: string, sender: GitHubAccount): WebhookEvent;
  buildReviewCommentDeleted(comment: ReviewCommentRow, sender: GitHubAccount): WebhookEvent;
};

/** Creates the builder of webhook payloads. Each payload contains the current state. */
export const createWebhookEvents = (
  store: EmulatorStore,
  serializers: Serializers,
  { addresses }: SerializerContext,
): WebhookEvents => {
  const around = (sender: GitHubAccount) => ({
    repository: serializeRepository(serializers.repository(), addresses),
    organization: serializeOrganization(addresses),
    sender: serializeUser(sender, addresses),
    installation: serializeSimpleInstallation(),
  });
  const issueShape = (number: number) => {
    const issue = store.issues.get(number);
    if (!issue) throw new Error(`Issue ${number} does not exist`);
    return serializers.issue(issue);
  };
  const onComment = (action: string, comment: CommentRow, sender: GitHubAccount, more = {}): WebhookEvent => {
    const subject = { issue: issueShape(comment.issue), comment: serializers.comment(comment) };
    return { event: 'issue_comment', action, payload: { action, ...more, ...subject, ...around(sender) } };
  };
  const conversation = (
    action: string,
    number: number,
    sender: GitHubAccount,
    more: object = {},
  ): WebhookEvent => {
    const pull = store.pulls.get(number);
    const subject = pull
      ? { number, pull_request: serializers.fullPull(pull) }
      : { issue: issueShape(number) };
    const event = pull ? 'pull_request' : 'issues';
    return { event, action, payload: { action, ...subject, ...more, ...around(sender) } };
  };
  return {
    buildConversation: conversation,
    buildLabels: (action, number, sender, label) =>
      conversation(action, number, sender, { label: serializeLabel(label, addresses) }),
    buildCommentCreated: (comment, sender) => onComment('created', comment, sender),
    buildCommentEdited: (comment, before, sender) =>
      onComment('edited', comment, sender, { changes: { body: { from: before } } }),
    buildCommentDeleted: (comment, sender) => onComment('deleted', comment, sender),
    ...createReviewEvents(store, serializers, around),
  };
};

type ReviewEvents = Pick<
  WebhookEvents,
  | 'buildReviewSubmitted'
  | 'buildReviewEdited'
  | 'buildReviewCommentCreated'
  | 'buildReviewCommentEdited'
  | 'buildReviewCommentDeleted'
>;

const createReviewEvents = (
  store: EmulatorStore,
  serializers: Serializers,
  around: (sender: GitHubAccount) => object,
): ReviewEvents => {
  const pullShape = (number: number) => {
    const pull = store.pulls.get(number);
    if (!pull) throw new Error(`Pull request ${number} does not exist`);
    return serializers.pull(pull);
  };
  const onReview = (action: string, review: ReviewRow, sender: GitHubAccount, more = {}): WebhookEvent => {
    const subject = { review: serializers.webhookReview(review), pull_request: pullShape(review.pull) };
    return {
      event: 'pull_request_review',
      action,
      payload: { action, ...more, ...subject, ...around(sender) },
    };
  };
  const onComment = (
    action: string,
    comment: ReviewCommentRow,
    sender: GitHubAccount,
    more = {},
  ): WebhookEvent => {
    const subject = {
      comment: serializers.reviewComment(comment),
      pull_request: pullShape(comment.pull),
    };
    return {
      event: 'pull_request_review_comment',
      action,
      payload: { action, ...more, ...subject, ...around(sender) },
    };
  };
  return {
    buildReviewSubmitted: (review, sender) => onReview('submitted', review, sender),
    buildReviewEdited: (review, before, sender) =>
      onReview('edited', review, sender, { changes: { body: { from: before } } }),
    buildReviewCommentCreated: (comment, sender) => onComment('created', comment, sender),
    buildReviewCommentEdited: (comment, before, sender) =>
      onComment('edited', comment, sender, { changes: { body: { from: before } } }),
    buildReviewCommentDeleted: (comment, sender) => onComment('deleted', comment, sender),
  };
};

import type { GitHubAccount } from '../accounts.ts';
import { serializeSimpleInstallation } from '../serializers/app.ts';
import { serializeLabel, type SerializerContext } from '../serializers/conversation.ts';
import type { Serializers } from '../serializers/serializers.ts';
import { serializeRepository } from '../serializers/repository.ts';
import { serializeOrganization, serializeUser } from '../serializers/user.ts';
import type { CommentRow } from '../store/comments.ts';
import type { EmulatorStore } from '../store/store.ts';
import type { LabelRow } from '../store/labels.ts';

/** An event of the repository, as the app is told of it. */
export type WebhookEvent = {
  event: 'issue_comment' | 'issues' | 'pull_request';
  action: string;
  payload: object;
};

export type WebhookEvents = {
  /** Something happened to an issue, or to a pull request: `opened`, `closed`, `labeled`. */
  buildConversation(action: string, number: number, sender: GitHubAccount, more?: object): WebhookEvent;
  /** A label was put on an issue or pull request, or taken off it. */
  buildLabels(action: string, number: number, sender: GitHubAccount, label: LabelRow): WebhookEvent;
  buildCommentCreated(comment: CommentRow, sender: GitHubAccount): WebhookEvent;
  buildCommentEdited(comment: CommentRow, before: string, sender: GitHubAccount): WebhookEvent;
  buildCommentDeleted(comment: CommentRow, sender: GitHubAccount): WebhookEvent;
};

/** Makes the payloads of GitHub's webhooks. Each holds what it tells of as it is at that moment. */
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
    if (!issue) throw new Error(`There is no issue ${number}`);
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
  };
};

import type { Account } from '../accounts.ts';
import { simpleInstallationShape } from '../shapes/app.ts';
import { commentShape, issueShape, type Surroundings } from '../shapes/conversation.ts';
import { repositoryShape } from '../shapes/repository.ts';
import { organisationShape, userShape } from '../shapes/user.ts';
import type { Comment } from '../store/comments.ts';
import type { Store } from '../store/index.ts';
import type { Issue } from '../store/issues.ts';

/** An event of the repository, as the app is told of it. */
export type Event = { event: 'issue_comment' | 'issues'; action: string; payload: object };

export type Events = {
  opened(issue: Issue, sender: Account): Event;
  commented(comment: Comment, sender: Account): Event;
  edited(comment: Comment, before: string, sender: Account): Event;
  deleted(comment: Comment, sender: Account): Event;
};

/** Makes the payloads of GitHub's webhooks. Each holds the issue and the comment as they are at that moment. */
export const eventsOf = (store: Store, surroundings: Surroundings): Events => {
  const { addresses } = surroundings;
  const { repositoryId: id, createdAt } = store.settings;
  const around = (sender: Account) => ({
    repository: repositoryShape({ id, createdAt, issues: store.issues.count() }, addresses),
    organization: organisationShape(addresses),
    sender: userShape(sender, addresses),
    installation: simpleInstallationShape(),
  });
  const onComment = (action: string, comment: Comment, sender: Account, more = {}): Event => {
    const issue = store.issues.get(comment.issue);
    if (!issue) throw new Error(`Comment ${comment.id} has no issue`);
    const shapes = {
      issue: issueShape(issue, surroundings),
      comment: commentShape(comment, store.reactions.list(comment.id), surroundings),
    };
    return { event: 'issue_comment', action, payload: { action, ...more, ...shapes, ...around(sender) } };
  };
  return {
    opened: (issue, sender) => ({
      event: 'issues',
      action: 'opened',
      payload: { action: 'opened', issue: issueShape(issue, surroundings), ...around(sender) },
    }),
    commented: (comment, sender) => onComment('created', comment, sender),
    edited: (comment, before, sender) =>
      onComment('edited', comment, sender, { changes: { body: { from: before } } }),
    deleted: (comment, sender) => onComment('deleted', comment, sender),
  };
};

import type { Account } from '../accounts.ts';
import { simpleInstallationShape } from '../serializers/app.ts';
import { labelShape, type Surroundings } from '../serializers/conversation.ts';
import type { Shapes } from '../serializers/serializers.ts';
import { repositoryShape } from '../serializers/repository.ts';
import { organisationShape, userShape } from '../serializers/user.ts';
import type { Comment } from '../store/comments.ts';
import type { Store } from '../store/store.ts';
import type { Label } from '../store/labels.ts';

/** An event of the repository, as the app is told of it. */
export type Event = { event: 'issue_comment' | 'issues' | 'pull_request'; action: string; payload: object };

export type Events = {
  /** Something happened to an issue, or to a pull request: `opened`, `closed`, `labeled`. */
  conversation(action: string, number: number, sender: Account, more?: object): Event;
  /** A label was put on an issue or pull request, or taken off it. */
  labels(action: string, number: number, sender: Account, label: Label): Event;
  commented(comment: Comment, sender: Account): Event;
  edited(comment: Comment, before: string, sender: Account): Event;
  deleted(comment: Comment, sender: Account): Event;
};

/** Makes the payloads of GitHub's webhooks. Each holds what it tells of as it is at that moment. */
export const eventsOf = (store: Store, shapes: Shapes, { addresses }: Surroundings): Events => {
  const around = (sender: Account) => ({
    repository: repositoryShape(shapes.facts(), addresses),
    organization: organisationShape(addresses),
    sender: userShape(sender, addresses),
    installation: simpleInstallationShape(),
  });
  const issueShape = (number: number) => {
    const issue = store.issues.get(number);
    if (!issue) throw new Error(`There is no issue ${number}`);
    return shapes.issue(issue);
  };
  const onComment = (action: string, comment: Comment, sender: Account, more = {}): Event => {
    const told = { issue: issueShape(comment.issue), comment: shapes.comment(comment) };
    return { event: 'issue_comment', action, payload: { action, ...more, ...told, ...around(sender) } };
  };
  const conversation = (action: string, number: number, sender: Account, more: object = {}): Event => {
    const pull = store.pulls.get(number);
    const told = pull ? { number, pull_request: shapes.fullPull(pull) } : { issue: issueShape(number) };
    const event = pull ? 'pull_request' : 'issues';
    return { event, action, payload: { action, ...told, ...more, ...around(sender) } };
  };
  return {
    conversation,
    labels: (action, number, sender, label) =>
      conversation(action, number, sender, { label: labelShape(label, addresses) }),
    commented: (comment, sender) => onComment('created', comment, sender),
    edited: (comment, before, sender) =>
      onComment('edited', comment, sender, { changes: { body: { from: before } } }),
    deleted: (comment, sender) => onComment('deleted', comment, sender),
  };
};

import { countPullCommits, listPullFiles, mergePull } from '../git/pull-changes.ts';
import type { FileChange } from '../git/diff.ts';
import type { CheckRunRow } from '../store/checks.ts';
import type { CommentRow } from '../store/comments.ts';
import type { EmulatorStore } from '../store/store.ts';
import type { IssueRow } from '../store/issues.ts';
import type { PullRow } from '../store/pulls.ts';
import type { ReviewCommentRow } from '../store/review-comments.ts';
import type { ReviewRow } from '../store/reviews.ts';
import { serializeCheckRun } from './check.ts';
import { serializeComment, serializeIssue, type SerializerContext } from './conversation.ts';
import { serializeFullPull, serializePull } from './pull.ts';
import type { RepositoryRecord } from './repository.ts';
import { serializeReview, serializeReviewComment, serializeWebhookReview } from './review.ts';

/** Serializes stored records in GitHub's formats, with the records that they refer to. */
export type Serializers = {
  repository: () => RepositoryRecord;
  issue: (issue: IssueRow) => ReturnType<typeof serializeIssue>;
  comment: (comment: CommentRow) => ReturnType<typeof serializeComment>;
  pull: (pull: PullRow) => ReturnType<typeof serializePull>;
  fullPull: (pull: PullRow) => ReturnType<typeof serializeFullPull>;
  review: (review: ReviewRow) => ReturnType<typeof serializeReview>;
  webhookReview: (review: ReviewRow) => ReturnType<typeof serializeWebhookReview>;
  reviewComment: (comment: ReviewCommentRow) => ReturnType<typeof serializeReviewComment>;
  /** Returns the files that a pull request changes. */
  listFiles: (pull: PullRow) => FileChange[];
  check: (run: CheckRunRow) => ReturnType<typeof serializeCheckRun>;
};

/** Creates the serializers of a store. */
export const createSerializers = (
  store: EmulatorStore,
  serializerContext: SerializerContext,
): Serializers => {
  const { repositoryId: id, createdAt } = store.settings;
  const facts = () => ({
    id,
    createdAt,
    issues: store.issues.count('open'),
    archived: store.settings.isArchived(),
  });
  const loadPull = (pull: PullRow) => {
    const issue = store.issues.get(pull.number);
    if (!issue) throw new Error(`Pull request ${pull.number} has no conversation`);
    return { pull, issue, labels: store.labels.listByIssue(pull.number), facts: facts() };
  };
  return {
    repository: facts,
    issue: (issue) => serializeIssue(issue, store.labels.listByIssue(issue.number), serializerContext),
    comment: (comment) => serializeComment(comment, store.reactions.list(comment.id), serializerContext),
    pull: (pull) => serializePull(loadPull(pull), serializerContext),
    fullPull: (pull) =>
      serializeFullPull(
        loadPull(pull),
        {
          commits: countPullCommits(store, pull),
          files: listPullFiles(store, pull),
          hasConflicts: pull.mergedAt === null && 'conflicts' in mergePull(store, pull),
          reviewComments: store.reviewComments.count({ pull: pull.number }),
        },
        serializerContext,
      ),
    review: (review) => serializeReview(review, serializerContext),
    webhookReview: (review) => serializeWebhookReview(review, serializerContext),
    reviewComment: (comment) =>
      serializeReviewComment(comment, store.reviewCommentReactions.list(comment.id), serializerContext),
    listFiles: (pull) => listPullFiles(store, pull),
    check: (run) => serializeCheckRun(run, store.pulls.listOpenAt(run.sha), id, serializerContext),
  };
};

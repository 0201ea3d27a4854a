import type { GitHubAccount } from '../accounts.ts';
import type { PullRow } from '../store/pulls.ts';
import type { ReactionContent, ReactionRow } from '../store/reactions.ts';
import type { ReviewCommentRow } from '../store/review-comments.ts';
import type { ReviewRow } from '../store/reviews.ts';
import type { ServiceContext } from './context.ts';

/** A comment on a line of the diff. `replyTo`: the id of the first comment of the review thread that it continues. */
export type NewReviewComment = Pick<ReviewCommentRow, 'path' | 'line' | 'body' | 'diffHunk' | 'replyTo'>;

export type NewReview = Pick<ReviewRow, 'body' | 'state'> & { comments: readonly NewReviewComment[] };

export type ReviewService = {
  /** Submits a review with its comments. A single review comment, or a reply to one, is a review, too. */
  submitReview(
    author: GitHubAccount,
    pull: PullRow,
    review: NewReview,
  ): { review: ReviewRow; comments: ReviewCommentRow[] };
  editReview(editor: GitHubAccount, review: ReviewRow, body: string): ReviewRow;
  editReviewComment(editor: GitHubAccount, comment: ReviewCommentRow, body: string): ReviewCommentRow;
  removeReviewComment(remover: GitHubAccount, comment: ReviewCommentRow): void;
  reactToReviewComment(
    author: GitHubAccount,
    comment: ReviewCommentRow,
    content: ReactionContent,
  ): { reaction: ReactionRow; added: boolean };
};

/** Returns the operations on reviews and their comments. */
export const createReviewService = ({
  store,
  events,
  enqueueEvent,
  notifyPages,
  commit,
}: ServiceContext): ReviewService => {
  const notifyPull = ({ pull }: { pull: number }): void => notifyPages({ issue: pull, comment: null });
  return {
    submitReview: (author, { number: pull, headSha: commitSha }, { body, state, comments }) => {
      const by = { pull, author: author.id, commitSha };
      const submitted = commit(() => {
        const review = store.reviews.insert({ ...by, body, state });
        store.issues.touch(pull);
        enqueueEvent(events.buildReviewSubmitted(review, author));
        const inserted = comments.map((comment) =>
          store.reviewComments.insert({ ...by, ...comment, review: review.id }),
        );
        inserted.forEach((comment) => enqueueEvent(events.buildReviewCommentCreated(comment, author)));
        return { review, comments: inserted };
      });
      notifyPull({ pull });
      return submitted;
    },
    editReview: (editor, before, body) => {
      if (before.body === body) return before;
      const review = commit(() => {
        const updated = store.reviews.update(before.id, body);
        enqueueEvent(events.buildReviewEdited(updated, before.body, editor));
        return updated;
      });
      notifyPull(review);
      return review;
    },
    editReviewComment: (editor, before, body) => {
      if (before.body === body) return before;
      const comment = commit(() => {
        const updated = store.reviewComments.update(before.id, body);
        enqueueEvent(events.buildReviewCommentEdited(updated, before.body, editor));
        return updated;
      });
      notifyPull(comment);
      return comment;
    },
    removeReviewComment: (remover, comment) => {
      commit(() => {
        const event = events.buildReviewCommentDeleted(comment, remover);
        store.reviewComments.delete(comment.id);
        enqueueEvent(event);
      });
      notifyPull(comment);
    },
    reactToReviewComment: (author, comment, content) => {
      const reaction = { comment: comment.id, author: author.id, content };
      const result = commit(() => store.reviewCommentReactions.add(reaction));
      if (result.added) notifyPull(comment);
      return result;
    },
  };
};

import * as v from 'valibot';

/**
 * The kinds of comments, by the GitHub event that reports them: a comment in the conversation of an issue or pull request, a comment on
 * the diff of a pull request, and the text of a review.
 */
export const commentKinds = ['issue_comment', 'pull_request_review_comment', 'pull_request_review'] as const;
export type CommentKind = (typeof commentKinds)[number];

/** The id of a review comment or a review. */
export type ReviewId = `review-comment-${number}` | `review-${number}`;

/**
 * The id of a comment. GitHub numbers each kind separately, so only a comment of a conversation has GitHub's number as its id; the other
 * ids name their kind.
 */
export type CommentId = number | ReviewId;

const reviewIdPattern = /^(review-comment|review)-([1-9]\d{0,14})$/;

export const ReviewId = v.custom<ReviewId>(
  (input) => typeof input === 'string' && reviewIdPattern.test(input),
  'expected "review-comment-" or "review-", and a number',
);
export const CommentId = v.union([v.number(), ReviewId]);

/** Returns the id of a comment from its kind and the number that GitHub gave it. */
export const toCommentId = (kind: CommentKind, number: number): CommentId => {
  if (kind === 'issue_comment') return number;
  return kind === 'pull_request_review' ? `review-${number}` : `review-comment-${number}`;
};

/** Returns the kind of a comment, and the number that GitHub gave it. */
export const parseCommentId = (id: CommentId): { kind: CommentKind; number: number } => {
  if (typeof id === 'number') return { kind: 'issue_comment', number: id };
  const [, prefix, number] = reviewIdPattern.exec(id) ?? [];
  const kind = prefix === 'review' ? 'pull_request_review' : 'pull_request_review_comment';
  return { kind, number: Number(number) };
};

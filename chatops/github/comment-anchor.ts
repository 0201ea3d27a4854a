import { parseCommentId, type CommentId, type CommentKind } from '../../contracts/comment-id.ts';

const prefixes = {
  issue_comment: 'issuecomment-',
  pull_request_review_comment: 'discussion_r',
  pull_request_review: 'pullrequestreview-',
} as const satisfies Record<CommentKind, string>;

/** Returns the anchor of a comment on the page of its thread, such as `#issuecomment-9`. */
export const toCommentAnchor = (id: CommentId): string => {
  const { kind, number } = parseCommentId(id);
  return `#${prefixes[kind]}${number}`;
};

import type { Accounts } from '../accounts.ts';
import { reactionEmoji, type ReactionRow } from '../store/reactions.ts';
import type { ReviewCommentRow } from '../store/review-comments.ts';
import type { ReviewRow, ReviewState } from '../store/reviews.ts';
import type { EmulatorStore } from '../store/store.ts';
import { renderAvatar, renderByline, renderRoleBadge } from './comment-card.ts';
import { markup, type Html } from './html.ts';
import type { RenderMarkdown } from './markdown.ts';
import { renderTime } from './relative-time.ts';

/** A review with its comments and their reactions. */
export type ShownReview = {
  review: ReviewRow;
  comments: readonly { comment: ReviewCommentRow; reactions: readonly ReactionRow[] }[];
};

/** Returns the reviews of a pull request, oldest first; none of an issue. */
export const loadReviews = (store: EmulatorStore, pull: number): ShownReview[] => {
  const comments = store.reviewComments.list({ pull });
  return store.reviews.list(pull).map((review) => ({
    review,
    comments: comments
      .filter((comment) => comment.review === review.id)
      .map((comment) => ({ comment, reactions: store.reviewCommentReactions.list(comment.id) })),
  }));
};

const verdicts = {
  commented: 'reviewed',
  approved: 'approved these changes',
  changes_requested: 'requested changes',
} as const satisfies Record<ReviewState, string>;

/** Renders the reviews of a pull request. The page's script replaces them on changes. */
export const renderReviewList = (
  reviews: readonly ShownReview[],
  accounts: Accounts,
  render: RenderMarkdown,
): Html =>
  markup`<section class="thread" aria-label="Reviews" data-part="reviews">${reviews.map((shown) => renderReview(shown, accounts, render))}</section>`;

const renderReview = (
  { review, comments }: ShownReview,
  accounts: Accounts,
  render: RenderMarkdown,
): Html => {
  const { id, body, submittedAt, state } = review;
  const author = accounts.getById(review.author);
  return markup`<article class="entry" id="pullrequestreview-${id}" aria-label="Review by ${author.login}">
  ${renderAvatar(author)}
  <div class="card">
    <header>
      ${renderByline(author)} ${verdicts[state]} <a class="when" href="#pullrequestreview-${id}">${renderTime(submittedAt)}</a>
      <span class="spring"></span>${renderRoleBadge(author)}
    </header>
    ${body !== '' && markup`<div class="body">${render(body)}</div>`}
    ${comments.map((comment) => renderReviewComment(comment, render))}
  </div>
</article>`;
};

const renderReviewComment = (
  { comment, reactions }: ShownReview['comments'][number],
  render: RenderMarkdown,
): Html => {
  const { id, path, line, body } = comment;
  const place = line === null ? path : `${path}, line ${line}`;
  return markup`<div class="body" id="discussion_r${id}"><p class="note"><a href="#discussion_r${id}">${place}</a></p>${render(body)}
    ${reactions.length > 0 && markup`<p>${reactions.map(({ content }) => markup`<span role="img" aria-label="${content}">${reactionEmoji[content]}</span> `)}</p>`}</div>`;
};

import type { Accounts } from '../accounts.ts';
import type { ReactionRow } from '../store/reactions.ts';
import type { ReviewCommentRow } from '../store/review-comments.ts';
import type { ReviewRow, ReviewState } from '../store/reviews.ts';
import type { EmulatorStore } from '../store/store.ts';
import { renderAvatar, renderByline, renderReactions, renderRoleBadge } from './comment-card.ts';
import { markup, type Html } from './html.ts';
import { renderJobLinks } from './jobs/reply-jobs.ts';
import type { RenderMarkdown } from './markdown.ts';
import { buildPullPath } from './page-context.ts';
import { renderHunkEnd } from './pull-diff.ts';
import { renderReplyForm, type PullSelection } from './pull-forms.ts';
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

type ReviewListOptions = {
  accounts: Accounts;
  render: RenderMarkdown;
  selection: PullSelection;
  /** Whether the pages can show jobs. */
  hasJobs: boolean;
};

/** Renders the reviews of a pull request. The page's script replaces them on changes. */
export const renderReviewList = (reviews: readonly ShownReview[], options: ReviewListOptions): Html => {
  const all = reviews.flatMap(({ comments }) => comments);
  // A reply is shown below the comment that it continues. A review that consists of replies only has nothing else to show.
  const shown = reviews.filter(
    ({ review, comments }) =>
      review.body !== '' ||
      review.state !== 'commented' ||
      comments.some(({ comment }) => comment.replyTo === null),
  );
  return markup`<section class="thread" aria-label="Reviews" data-part="reviews">${shown.map((review) => renderReview(review, all, options))}</section>`;
};

const renderReview = (
  { review, comments }: ShownReview,
  all: ShownReview['comments'],
  options: ReviewListOptions,
): Html => {
  const { id, body, submittedAt, state } = review;
  const author = options.accounts.getById(review.author);
  const threads = comments.filter(({ comment }) => comment.replyTo === null);
  return markup`<article class="entry" id="pullrequestreview-${id}" aria-label="Review by ${author.login}">
  ${renderAvatar(author)}
  <div class="card">
    <header>
      ${renderByline(author)} <span class="verdict ${state}">${verdicts[state]}</span> <a class="when" href="#pullrequestreview-${id}">${renderTime(submittedAt)}</a>
      <span class="spring"></span>${renderRoleBadge(author)}
    </header>
    ${body !== '' && markup`<div class="body">${options.render(body)}</div>`}
    ${threads.map((thread) => renderReviewThread(thread, all, options))}
  </div>
</article>`;
};

/** Renders a comment on a line, the line, and the replies to it. */
const renderReviewThread = (
  first: ShownReview['comments'][number],
  all: ShownReview['comments'],
  options: ReviewListOptions,
): Html => {
  const { id, path, line, pull, diffHunk } = first.comment;
  const replies = all.filter(({ comment }) => comment.replyTo === id);
  const { selection } = options;
  return markup`<section class="review-thread" aria-label="Comments on ${path}${line !== null && `, line ${line}`}">
    <p class="place"><code>${path}</code>${line !== null && `, line ${line}`}</p>
    ${renderHunkEnd(diffHunk)}
    ${[first, ...replies].map((comment) => renderReviewComment(comment, options))}
    ${selection.reply === id ? renderReplyForm(pull, id, selection.formToken) : markup`<p class="answer"><a href="${buildPullPath(pull)}?reply=${id}#reply">Reply</a></p>`}
  </section>`;
};

const renderReviewComment = (
  { comment, reactions }: ShownReview['comments'][number],
  { accounts, render, hasJobs }: ReviewListOptions,
): Html => {
  const { id, body, author, createdAt } = comment;
  const writer = accounts.getById(author);
  return markup`<div class="review-comment" id="discussion_r${id}">
    <p class="note">${renderByline(writer)} <a class="when" href="#discussion_r${id}">${renderTime(createdAt)}</a> ${renderRoleBadge(writer)}</p>
    <div class="body">${render(body)}</div>
    ${hasJobs && renderJobLinks(comment, accounts)}
    ${reactions.length > 0 && renderReactions(reactions, accounts)}</div>`;
};

import * as v from 'valibot';

import { mayChange, repositoryName, type GitHubAccount } from '../accounts.ts';
import { cutHunk } from '../git/diff.ts';
import type { NewReviewComment } from '../services/reviews.ts';
import type { PullRow } from '../store/pulls.ts';
import type { ReviewCommentRow } from '../store/review-comments.ts';
import type { ReviewRow } from '../store/reviews.ts';
import { notAuthorResponse, parseOrder, parseSince, findCommentRefusal } from './comments.ts';
import { emptyResponse, jsonResponse, notFoundResponse, validationErrorResponse } from './responses.ts';
import { parseBody, parseCommentText } from './request-bodies.ts';
import { accountRoute, type ApiRoute, type ApiCall, type ApiContext } from './api-context.ts';
import { listResponse, pageResponse, parsePage } from './pagination.ts';

const base = `/repos/${repositoryName}/pulls`;

/** Returns the routes of reviews of pull requests, and of review comments. */
export const reviewRoutes = (context: ApiContext): readonly ApiRoute[] => [
  ...reviewCommentListRoutes(context),
  ...singleReviewCommentRoutes(context),
  ...newReviewCommentRoutes(context),
  ...submittedReviewRoutes(context),
];

type OnPull = (pull: PullRow, call: ApiCall, account: GitHubAccount) => Response;

/** Wraps a handler for the pull request in the path. */
const onPull =
  ({ store }: ApiContext, answer: OnPull) =>
  (call: ApiCall, account: GitHubAccount): Response => {
    const pull = store.pulls.get(Number(call.parameters['number']));
    return pull ? answer(pull, call, account) : notFoundResponse();
  };

/** Wraps a handler that writes to the pull request in the path, if the account may comment on it. */
const onOpenPull = (context: ApiContext, answer: OnPull) =>
  onPull(context, (pull, call, account) => {
    const issue = context.store.issues.get(pull.number);
    return (issue && findCommentRefusal(account, issue)) ?? answer(pull, call, account);
  });

const reviewCommentListRoutes = (context: ApiContext): readonly ApiRoute[] => {
  const { store, serializers } = context;
  const list = ({ url }: ApiCall, pull?: number): Response => {
    const page = parsePage(url.searchParams);
    const since = parseSince(url.searchParams);
    const wanted = { ...since, ...(pull === undefined ? {} : { pull }) };
    const comments = store.reviewComments.list({
      ...wanted,
      ...page,
      order: parseOrder(url.searchParams),
    });
    const total = store.reviewComments.count(wanted);
    return pageResponse(comments.map(serializers.reviewComment), total, page, url);
  };
  return [
    accountRoute('GET', `${base}/comments`, (call) => list(call)),
    accountRoute(
      'GET',
      `${base}/:number/comments`,
      onPull(context, ({ number }, call) => list(call, number)),
    ),
  ];
};

/** Returns the routes that read, edit and delete one review comment. */
const singleReviewCommentRoutes = ({ store, services, serializers }: ApiContext): readonly ApiRoute[] => {
  const path = `${base}/comments/:id`;
  type Answer = (comment: ReviewCommentRow, call: ApiCall, account: GitHubAccount) => Response;
  const onComment =
    (answer: Answer) =>
    (call: ApiCall, account: GitHubAccount): Response => {
      const comment = store.reviewComments.get(Number(call.parameters['id']));
      return comment ? answer(comment, call, account) : notFoundResponse();
    };
  const onOwnComment = (answer: Answer) =>
    onComment((comment, call, account) =>
      mayChange(account, comment) ? answer(comment, call, account) : notAuthorResponse(),
    );
  return [
    accountRoute(
      'GET',
      path,
      onComment((comment) => jsonResponse(200, serializers.reviewComment(comment))),
    ),
    accountRoute(
      'PATCH',
      path,
      onOwnComment((comment, { body }, account) => {
        const text = parseCommentText(body);
        if (text instanceof Response) return text;
        return jsonResponse(
          200,
          serializers.reviewComment(services.editReviewComment(account, comment, text)),
        );
      }),
    ),
    accountRoute(
      'DELETE',
      path,
      onOwnComment((comment, _call, account) => {
        services.removeReviewComment(account, comment);
        return emptyResponse();
      }),
    ),
  ];
};

const lineNumber = v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))), null);
const location = { path: v.pipe(v.string(), v.nonEmpty()), line: lineNumber };
const reviewCommentBody = v.object({ ...location, body: v.string(), commit_id: v.string() });

const newReviewCommentRoutes = (context: ApiContext): readonly ApiRoute[] => {
  const { store, services, serializers } = context;
  const submit = (account: GitHubAccount, pull: PullRow, comment: NewReviewComment): Response => {
    const review = { body: '', state: 'commented', comments: [comment] } as const;
    const [made] = services.submitReview(account, pull, review).comments;
    const serialized = serializers.reviewComment(made as ReviewCommentRow);
    return jsonResponse(201, serialized, { location: serialized.url });
  };
  return [
    accountRoute(
      'POST',
      `${base}/:number/comments`,
      onOpenPull(context, (pull, { body }, account) => {
        const wanted = parseBody(reviewCommentBody, body, 'PullRequestReviewComment');
        if (wanted instanceof Response) return wanted;
        const text = parseCommentText(wanted);
        if (text instanceof Response) return text;
        const comment = placeReviewComment(context, pull, { ...wanted, body: text });
        return comment ? submit(account, pull, comment) : unknownPathResponse();
      }),
    ),
    accountRoute(
      'POST',
      `${base}/:number/comments/:id/replies`,
      onOpenPull(context, (pull, { parameters, body }, account) => {
        const first = store.reviewComments.get(Number(parameters['id']));
        if (first?.pull !== pull.number || first.replyTo !== null) return notFoundResponse();
        const text = parseCommentText(body);
        if (text instanceof Response) return text;
        const { path, line, diffHunk } = first;
        return submit(account, pull, { path, line, diffHunk, replyTo: first.id, body: text });
      }),
    ),
  ];
};

/** Returns a new review comment with its part of the diff; undefined if the pull request does not change its file. */
const placeReviewComment = (
  { serializers }: ApiContext,
  pull: PullRow,
  { path, line, body }: { path: string; line: number | null; body: string },
): NewReviewComment | undefined => {
  const file = serializers.listFiles(pull).find((changed) => changed.path === path);
  if (!file) return undefined;
  const patch = file.patch ?? '';
  // As on GitHub, the hunk ends with the line.
  const diffHunk = (line === null ? undefined : cutHunk(patch, line)) ?? patch;
  return { path, line, body, diffHunk, replyTo: null };
};

const unknownPathResponse = (): Response =>
  validationErrorResponse({ resource: 'PullRequestReviewComment', code: 'invalid', field: 'path' });

const reviewEvents = {
  COMMENT: 'commented',
  APPROVE: 'approved',
  REQUEST_CHANGES: 'changes_requested',
} as const;

/** Without an event, GitHub would create a pending review, which the emulator does not have. */
const reviewBody = v.object({
  event: v.picklist(Object.keys(reviewEvents) as (keyof typeof reviewEvents)[]),
  body: v.optional(v.nullable(v.string()), ''),
  comments: v.optional(v.array(v.object({ ...location, body: v.string() })), []),
});

const submittedReviewRoutes = (context: ApiContext): readonly ApiRoute[] => {
  const { store, services, serializers } = context;
  const onReview = (answer: (review: ReviewRow, call: ApiCall, account: GitHubAccount) => Response) =>
    onPull(context, (pull, call, account) => {
      const review = store.reviews.get(Number(call.parameters['id']));
      return review?.pull === pull.number ? answer(review, call, account) : notFoundResponse();
    });
  return [
    accountRoute(
      'GET',
      `${base}/:number/reviews`,
      onPull(context, ({ number }, { url }) =>
        listResponse(store.reviews.list(number), serializers.review, url),
      ),
    ),
    accountRoute(
      'POST',
      `${base}/:number/reviews`,
      onOpenPull(context, (pull, { body }, account) => submitReview(context, pull, { body, account })),
    ),
    accountRoute(
      'GET',
      `${base}/:number/reviews/:id`,
      onReview((review) => jsonResponse(200, serializers.review(review))),
    ),
    accountRoute(
      'PUT',
      `${base}/:number/reviews/:id`,
      onReview((review, { body }, account) => {
        if (!mayChange(account, review)) return notAuthorResponse();
        const text = parseCommentText(body);
        if (text instanceof Response) return text;
        return jsonResponse(200, serializers.review(services.editReview(account, review, text)));
      }),
    ),
  ];
};

const submitReview = (
  context: ApiContext,
  pull: PullRow,
  { body, account }: { body: unknown; account: GitHubAccount },
): Response => {
  const wanted = parseBody(reviewBody, body, 'PullRequestReview');
  if (wanted instanceof Response) return wanted;
  const text = wanted.body ?? '';
  // Only an approval can be without any text.
  const isEmpty = text.trim() === '' && wanted.comments.length === 0 && wanted.event !== 'APPROVE';
  if (isEmpty || (text !== '' && parseCommentText({ body: text }) instanceof Response))
    return validationErrorResponse({ resource: 'PullRequestReview', code: 'invalid', field: 'body' });
  const comments = wanted.comments.map((comment) => placeReviewComment(context, pull, comment));
  const placed = comments.filter((comment) => comment !== undefined);
  if (placed.length < comments.length) return unknownPathResponse();
  const review = { body: text, state: reviewEvents[wanted.event], comments: placed };
  return jsonResponse(
    200,
    context.serializers.review(context.services.submitReview(account, pull, review).review),
  );
};

import { mayChange, mayComment, repositoryName, type Account } from '../accounts.ts';
import { commentLimit, type Comment, type CommentOrder } from '../store/comments.ts';
import type { Issue } from '../store/issues.ts';
import { empty, json, notFound, refusal } from './responses.ts';
import { commentText } from './request-bodies.ts';
import { forAccounts, type ApiRoute, type Call, type Desk } from './api-context.ts';
import { pageAnswer, pageOf } from './pagination.ts';

const base = `/repos/${repositoryName}/issues`;

/** Comments of issues and pull requests. */
export const commentRoutes = (desk: Desk): readonly ApiRoute[] => [...threadRoutes(desk), ...oneRoutes(desk)];

/** The comments of a thread, or of all. */
const threadRoutes = ({ store, activity, shapes }: Desk): readonly ApiRoute[] => {
  const list = ({ url }: Call, query: { issue?: number; order?: CommentOrder }): Response => {
    const page = pageOf(url.searchParams);
    const wanted = { ...query, ...sinceOf(url.searchParams) };
    const comments = store.comments.list({ ...wanted, ...page });
    return pageAnswer(comments.map(shapes.comment), store.comments.count(wanted), page, url);
  };
  return [
    forAccounts('GET', `${base}/comments`, (call) => list(call, { order: orderOf(call.url.searchParams) })),
    forAccounts('GET', `${base}/:number/comments`, (call) => {
      const issue = Number(call.parameters['number']);
      return store.issues.get(issue) ? list(call, { issue }) : notFound();
    }),
    forAccounts('POST', `${base}/:number/comments`, ({ parameters, body, via }, account) => {
      const issue = store.issues.get(Number(parameters['number']));
      if (!issue) return notFound();
      const text = commentText(body);
      const fault = text instanceof Response ? text : closedTo(account, issue);
      if (fault) return fault;
      const made = shapes.comment(activity.comment(account, issue.number, text as string, via));
      return json(201, made, { location: made.url });
    }),
  ];
};

/** One comment: read, changed, deleted. */
const oneRoutes = ({ store, activity, shapes }: Desk): readonly ApiRoute[] => {
  const onComment =
    (answer: (comment: Comment, call: Call, account: Account) => Response) =>
    (call: Call, account: Account): Response => {
      const comment = store.comments.get(Number(call.parameters['id']));
      return comment ? answer(comment, call, account) : notFound();
    };
  return [
    forAccounts(
      'GET',
      `${base}/comments/:id`,
      onComment((comment) => json(200, shapes.comment(comment))),
    ),
    forAccounts(
      'PATCH',
      `${base}/comments/:id`,
      onComment((comment, { body }, account) => {
        if (!mayChange(account, comment)) return notYours();
        const text = commentText(body);
        return text instanceof Response
          ? text
          : json(200, shapes.comment(activity.edit(account, comment, text)));
      }),
    ),
    forAccounts(
      'DELETE',
      `${base}/comments/:id`,
      onComment((comment, _call, account) => {
        if (!mayChange(account, comment)) return notYours();
        activity.remove(account, comment);
        return empty();
      }),
    ),
  ];
};

/** GitHub's answer to a comment on a thread that takes none of the account; undefined if it takes it. */
export const closedTo = (account: Account, { locked, comments }: Issue): Response | undefined => {
  if (locked && !mayComment(account))
    return refusal(403, 'Unable to create comment because issue is locked.');
  return comments < commentLimit
    ? undefined
    : refusal(403, `Commenting is disabled on issues with more than ${commentLimit} comments`);
};

const notYours = (): Response =>
  refusal(403, 'Must have push access to the repository to change what others wrote.');

/** The moment of `since`, to the second; one that is not a time counts as not given. */
const sinceOf = (query: URLSearchParams): { since?: string } => {
  const moment = Date.parse(query.get('since') ?? '');
  return Number.isNaN(moment) ? {} : { since: new Date(moment).toISOString().replace(/\.\d+Z$/, 'Z') };
};

/** `direction` counts only with `sort`, as on GitHub. */
const orderOf = (query: URLSearchParams): CommentOrder => {
  const sort = query.get('sort');
  const fromNewest = sort !== null && query.get('direction') === 'desc';
  if (sort === 'updated') return fromNewest ? 'last-changed' : 'changed';
  return fromNewest ? 'newest' : 'created';
};

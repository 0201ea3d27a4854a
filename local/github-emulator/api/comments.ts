import { mayChange, mayComment, repositoryName, type GitHubAccount } from '../accounts.ts';
import { maxComments, type CommentRow, type CommentOrder } from '../store/comments.ts';
import type { IssueRow } from '../store/issues.ts';
import { emptyResponse, jsonResponse, notFoundResponse, errorResponse } from './responses.ts';
import { parseCommentText } from './request-bodies.ts';
import { accountRoute, type ApiRoute, type ApiCall, type ApiContext } from './api-context.ts';
import { pageResponse, parsePage } from './pagination.ts';

const base = `/repos/${repositoryName}/issues`;

/** Returns the routes of comments on issues and pull requests. */
export const commentRoutes = (context: ApiContext): readonly ApiRoute[] => [
  ...threadRoutes(context),
  ...singleCommentRoutes(context),
];

/** Returns the routes of the comments of one thread, or of all threads. */
const threadRoutes = ({ store, services, serializers }: ApiContext): readonly ApiRoute[] => {
  const list = ({ url }: ApiCall, query: { issue?: number; order?: CommentOrder }): Response => {
    const page = parsePage(url.searchParams);
    const wanted = { ...query, ...parseSince(url.searchParams) };
    const comments = store.comments.list({ ...wanted, ...page });
    return pageResponse(comments.map(serializers.comment), store.comments.count(wanted), page, url);
  };
  return [
    accountRoute('GET', `${base}/comments`, (call) =>
      list(call, { order: parseOrder(call.url.searchParams) }),
    ),
    accountRoute('GET', `${base}/:number/comments`, (call) => {
      const issue = Number(call.parameters['number']);
      return store.issues.get(issue) ? list(call, { issue }) : notFoundResponse();
    }),
    accountRoute('POST', `${base}/:number/comments`, ({ parameters, body, via }, account) => {
      const issue = store.issues.get(Number(parameters['number']));
      if (!issue) return notFoundResponse();
      const text = parseCommentText(body);
      const fault = text instanceof Response ? text : findCommentRefusal(account, issue);
      if (fault) return fault;
      const made = serializers.comment(services.comment(account, issue.number, text as string, via));
      return jsonResponse(201, made, { location: made.url });
    }),
  ];
};

/** Returns the routes that read, edit and delete one comment. */
const singleCommentRoutes = ({ store, services, serializers }: ApiContext): readonly ApiRoute[] => {
  const onComment =
    (answer: (comment: CommentRow, call: ApiCall, account: GitHubAccount) => Response) =>
    (call: ApiCall, account: GitHubAccount): Response => {
      const comment = store.comments.get(Number(call.parameters['id']));
      return comment ? answer(comment, call, account) : notFoundResponse();
    };
  return [
    accountRoute(
      'GET',
      `${base}/comments/:id`,
      onComment((comment) => jsonResponse(200, serializers.comment(comment))),
    ),
    accountRoute(
      'PATCH',
      `${base}/comments/:id`,
      onComment((comment, { body }, account) => {
        if (!mayChange(account, comment)) return notAuthorResponse();
        const text = parseCommentText(body);
        return text instanceof Response
          ? text
          : jsonResponse(200, serializers.comment(services.edit(account, comment, text)));
      }),
    ),
    accountRoute(
      'DELETE',
      `${base}/comments/:id`,
      onComment((comment, _call, account) => {
        if (!mayChange(account, comment)) return notAuthorResponse();
        services.remove(account, comment);
        return emptyResponse();
      }),
    ),
  ];
};

/** Returns GitHub's response if the account may not comment on the thread, otherwise undefined. */
export const findCommentRefusal = (
  account: GitHubAccount,
  { locked, comments }: IssueRow,
): Response | undefined => {
  if (locked && !mayComment(account))
    return errorResponse(403, 'Unable to create comment because issue is locked.');
  return comments < maxComments
    ? undefined
    : errorResponse(403, `Commenting is disabled on issues with more than ${maxComments} comments`);
};

/** Returns GitHub's response to an account that may not change the comment. */
export const notAuthorResponse = (): Response =>
  errorResponse(403, 'Must have push access to the repository to change what others wrote.');

/** Parses `since`, to the second. An invalid time is ignored. */
export const parseSince = (query: URLSearchParams): { since?: string } => {
  const moment = Date.parse(query.get('since') ?? '');
  return Number.isNaN(moment) ? {} : { since: new Date(moment).toISOString().replace(/\.\d+Z$/, 'Z') };
};

/** Parses the order. `direction` applies only together with `sort`, as on GitHub. */
export const parseOrder = (query: URLSearchParams): CommentOrder => {
  const sort = query.get('sort');
  const fromNewest = sort !== null && query.get('direction') === 'desc';
  if (sort === 'updated') return fromNewest ? 'last-changed' : 'changed';
  return fromNewest ? 'newest' : 'created';
};

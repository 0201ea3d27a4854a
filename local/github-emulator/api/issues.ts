import * as v from 'valibot';

import { mayWrite, repositoryName, type GitHubAccount } from '../accounts.ts';
import { serializeLabel } from '../serializers/conversation.ts';
import { closeReasons, lockReasons, type IssueRow } from '../store/issues.ts';
import {
  emptyResponse,
  validationErrorResponse,
  jsonResponse,
  notFoundResponse,
  errorResponse,
} from './responses.ts';
import { parseBody, parseIssueText } from './request-bodies.ts';
import {
  accountRoute,
  pushRequiredResponse,
  type ApiRoute,
  type ApiCall,
  type ApiContext,
} from './api-context.ts';
import { pageResponse, parsePage, parseState } from './pagination.ts';

const base = `/repos/${repositoryName}/issues`;

/** Returns the routes of issues, their state, locks and labels. They also serve pull requests. */
export const issueRoutes = (context: ApiContext): readonly ApiRoute[] => [
  ...textRoutes(context),
  ...lockRoutes(context),
  ...labelRoutes(context),
];

type OnIssue = (issue: IssueRow, call: ApiCall, account: GitHubAccount) => Response;

/** Wraps a handler for the issue in the path. */
const onIssue =
  ({ store }: ApiContext, answer: OnIssue) =>
  (call: ApiCall, account: GitHubAccount): Response => {
    const issue = store.issues.get(Number(call.parameters['number']));
    return issue ? answer(issue, call, account) : notFoundResponse();
  };

/** Wraps a handler for accounts with write access, including the app. */
const onWritable = (context: ApiContext, answer: OnIssue) =>
  onIssue(context, (issue, call, account) =>
    mayWrite(account) ? answer(issue, call, account) : pushRequiredResponse(),
  );

const issueEdit = v.object({
  title: v.optional(v.pipe(v.string(), v.trim(), v.nonEmpty())),
  body: v.optional(
    v.pipe(
      v.nullable(v.string()),
      v.transform((text) => text ?? ''),
    ),
  ),
  state: v.optional(v.picklist(['open', 'closed'])),
  state_reason: v.optional(v.nullable(v.picklist([...closeReasons, 'reopened']))),
});

const textRoutes = (context: ApiContext): readonly ApiRoute[] => {
  const { store, services, serializers } = context;
  return [
    accountRoute('GET', base, ({ url }) => {
      const page = parsePage(url.searchParams);
      const state = parseState(url.searchParams);
      const issues = store.issues.list({ ...page, ...state });
      return pageResponse(issues.map(serializers.issue), store.issues.count(state.state), page, url);
    }),
    accountRoute('POST', base, ({ body }, account) => {
      const text = parseIssueText(body);
      if (text instanceof Response) return text;
      const serialized = serializers.issue(services.open(account, text));
      return jsonResponse(201, serialized, { location: serialized.url });
    }),
    accountRoute(
      'GET',
      `${base}/:number`,
      onIssue(context, (issue) => jsonResponse(200, serializers.issue(issue))),
    ),
    accountRoute(
      'PATCH',
      `${base}/:number`,
      onIssue(context, (issue, { body }, account) => {
        if (!mayWrite(account) && account.id !== issue.author) return pushRequiredResponse();
        const edit = parseBody(issueEdit, body, 'Issue');
        if (edit instanceof Response) return edit;
        const { title = issue.title, body: text = issue.body, state = issue.state } = edit;
        const stateReason = edit.state_reason ?? null;
        if (state === 'open' && context.store.pulls.get(issue.number)?.mergedAt)
          return validationErrorResponse({ resource: 'Issue', code: 'invalid', field: 'state' });
        return jsonResponse(
          200,
          serializers.issue(services.change(account, issue, { title, body: text, state, stateReason })),
        );
      }),
    ),
  ];
};

const lockBody = v.object({ lock_reason: v.optional(v.nullable(v.picklist(lockReasons))) });

const lockRoutes = (context: ApiContext): readonly ApiRoute[] => [
  accountRoute(
    'PUT',
    `${base}/:number/lock`,
    onWritable(context, (issue, { body }, account) => {
      const lock = parseBody(lockBody, body, 'Issue');
      if (lock instanceof Response) return lock;
      context.services.lock(account, issue, lock.lock_reason ?? null);
      return emptyResponse();
    }),
  ),
  accountRoute(
    'DELETE',
    `${base}/:number/lock`,
    onWritable(context, (issue, _call, account) => {
      context.services.unlock(account, issue);
      return emptyResponse();
    }),
  ),
];

const labelName = v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(50));
const labelsBody = v.object({ labels: v.array(labelName) });

const labelRoutes = (context: ApiContext): readonly ApiRoute[] => {
  const { store, services, serializerContext } = context;
  const listed = ({ number }: IssueRow): Response =>
    jsonResponse(
      200,
      store.labels.listByIssue(number).map((label) => serializeLabel(label, serializerContext.addresses)),
    );
  return [
    accountRoute('GET', `${base}/:number/labels`, onIssue(context, listed)),
    accountRoute(
      'POST',
      `${base}/:number/labels`,
      onWritable(context, (issue, { body }, account) => {
        // GitHub also accepts a bare list.
        const input = parseBody(labelsBody, Array.isArray(body) ? { labels: body } : body, 'Label');
        if (input instanceof Response) return input;
        services.label(account, issue, input.labels);
        return listed(issue);
      }),
    ),
    accountRoute(
      'DELETE',
      `${base}/:number/labels/:name`,
      onWritable(context, (issue, { parameters }, account) => {
        const name = (parameters['name'] ?? '').toLowerCase();
        const label = store.labels
          .listByIssue(issue.number)
          .find((candidate) => candidate.name.toLowerCase() === name);
        if (!label) return errorResponse(404, 'Label does not exist');
        services.unlabel(account, issue, label);
        return listed(issue);
      }),
    ),
  ];
};

import * as v from 'valibot';

import { mayWrite, repositoryName, type Account } from '../accounts.ts';
import { labelShape } from '../serializers/conversation.ts';
import { closeReasons, lockReasons, type Issue } from '../store/issues.ts';
import { empty, json, notFound, refusal } from './responses.ts';
import { bodyAs, issueText } from './request-bodies.ts';
import { forAccounts, needsPush, type ApiRoute, type Call, type Desk } from './api-context.ts';
import { pageAnswer, pageOf, stateOf } from './pagination.ts';

const base = `/repos/${repositoryName}/issues`;

/** Issues, their state, their locks and their labels; pull requests have the same. */
export const issueRoutes = (desk: Desk): readonly ApiRoute[] => [
  ...textRoutes(desk),
  ...lockRoutes(desk),
  ...labelRoutes(desk),
];

type OnIssue = (issue: Issue, call: Call, account: Account) => Response;

/** Answers for the issue of the path. */
const onIssue =
  ({ store }: Desk, answer: OnIssue) =>
  (call: Call, account: Account): Response => {
    const issue = store.issues.get(Number(call.parameters['number']));
    return issue ? answer(issue, call, account) : notFound();
  };

/** The same for those who may write, the app among them. */
const onWritable = (desk: Desk, answer: OnIssue) =>
  onIssue(desk, (issue, call, account) => (mayWrite(account) ? answer(issue, call, account) : needsPush()));

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

const textRoutes = (desk: Desk): readonly ApiRoute[] => {
  const { store, activity, shapes } = desk;
  return [
    forAccounts('GET', base, ({ url }) => {
      const page = pageOf(url.searchParams);
      const state = stateOf(url.searchParams);
      const issues = store.issues.list({ ...page, ...state });
      return pageAnswer(issues.map(shapes.issue), store.issues.count(state.state), page, url);
    }),
    forAccounts('POST', base, ({ body }, account) => {
      const text = issueText(body);
      if (text instanceof Response) return text;
      const shape = shapes.issue(activity.open(account, text));
      return json(201, shape, { location: shape.url });
    }),
    forAccounts(
      'GET',
      `${base}/:number`,
      onIssue(desk, (issue) => json(200, shapes.issue(issue))),
    ),
    forAccounts(
      'PATCH',
      `${base}/:number`,
      onIssue(desk, (issue, { body }, account) => {
        if (!mayWrite(account) && account.id !== issue.author) return needsPush();
        const edit = bodyAs(issueEdit, body, 'Issue');
        if (edit instanceof Response) return edit;
        const { title = issue.title, body: text = issue.body, state = issue.state } = edit;
        const stateReason = edit.state_reason ?? null;
        return json(
          200,
          shapes.issue(activity.change(account, issue, { title, body: text, state, stateReason })),
        );
      }),
    ),
  ];
};

const lockBody = v.object({ lock_reason: v.optional(v.nullable(v.picklist(lockReasons))) });

const lockRoutes = (desk: Desk): readonly ApiRoute[] => [
  forAccounts(
    'PUT',
    `${base}/:number/lock`,
    onWritable(desk, (issue, { body }, account) => {
      const lock = bodyAs(lockBody, body, 'Issue');
      if (lock instanceof Response) return lock;
      desk.activity.lock(account, issue, lock.lock_reason ?? null);
      return empty();
    }),
  ),
  forAccounts(
    'DELETE',
    `${base}/:number/lock`,
    onWritable(desk, (issue, _call, account) => {
      desk.activity.unlock(account, issue);
      return empty();
    }),
  ),
];

const labelName = v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(50));
const labelsBody = v.object({ labels: v.array(labelName) });

const labelRoutes = (desk: Desk): readonly ApiRoute[] => {
  const { store, activity, surroundings } = desk;
  const listed = ({ number }: Issue): Response =>
    json(
      200,
      store.labels.of(number).map((label) => labelShape(label, surroundings.addresses)),
    );
  return [
    forAccounts('GET', `${base}/:number/labels`, onIssue(desk, listed)),
    forAccounts(
      'POST',
      `${base}/:number/labels`,
      onWritable(desk, (issue, { body }, account) => {
        // GitHub takes the bare list as well.
        const given = bodyAs(labelsBody, Array.isArray(body) ? { labels: body } : body, 'Label');
        if (given instanceof Response) return given;
        activity.label(account, issue, given.labels);
        return listed(issue);
      }),
    ),
    forAccounts(
      'DELETE',
      `${base}/:number/labels/:name`,
      onWritable(desk, (issue, { parameters }, account) => {
        const name = (parameters['name'] ?? '').toLowerCase();
        const label = store.labels
          .of(issue.number)
          .find((candidate) => candidate.name.toLowerCase() === name);
        if (!label) return refusal(404, 'Label does not exist');
        activity.unlabel(account, issue, label);
        return listed(issue);
      }),
    ),
  ];
};

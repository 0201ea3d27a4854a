import { mayWrite, type GitHubAccount } from '../accounts.ts';
import { findCommentRefusal } from '../api/comments.ts';
import { parseCommentText } from '../api/request-bodies.ts';
import { cutHunk } from '../git/diff.ts';
import { listPullFiles } from '../git/pull-changes.ts';
import { formatMergeTitle } from '../services/merges.ts';
import type { NewReviewComment } from '../services/reviews.ts';
import type { IssueRow } from '../store/issues.ts';
import type { PullRow } from '../store/pulls.ts';
import { reviewStates } from '../store/reviews.ts';
import type { PageContent } from './layout.ts';
import {
  buildPullPath,
  findPerson,
  forbiddenPage,
  invalidFormPage,
  redirectResponse,
  type PageContext,
  type PageRequest,
  type PageRoute,
} from './page-context.ts';
import { readFormText } from './post-routes.ts';

type Change = (
  by: GitHubAccount,
  subject: { pull: PullRow; issue: IssueRow },
  request: PageRequest,
) => Response | PageContent;

/** Returns the POST routes of pull requests: reviews, review comments and merges. */
export const createPullRoutes = (context: PageContext): readonly PageRoute[] => [
  ...createReviewRoutes(context),
  { method: 'POST', path: `${path}/merge`, handle: onPull(context, merge(context)) },
];

const path = buildPullPath(':number');

/** Wraps a handler for the pull request in the path and the person that the form names. */
const onPull =
  ({ store }: PageContext, change: Change) =>
  (request: PageRequest): Response | PageContent => {
    const number = Number(request.parameters['number']);
    const [pull, issue] = [store.pulls.get(number), store.issues.get(number)];
    const by = findPerson(request.form);
    return pull && issue && by ? change(by, { pull, issue }, request) : invalidFormPage();
  };

const createReviewRoutes = (context: PageContext): readonly PageRoute[] => {
  const { store, services } = context;
  const onComment = (change: Change) =>
    onPull(context, (by, subject, request) =>
      findCommentRefusal(by, subject.issue)
        ? forbiddenPage('You cannot comment on this conversation.')
        : change(by, subject, request),
    );
  const submit = (by: GitHubAccount, pull: PullRow, comment: NewReviewComment): Response => {
    const review = { body: '', state: 'commented', comments: [comment] } as const;
    const [made] = services.submitReview(by, pull, review).comments;
    return redirectResponse(`${buildPullPath(pull.number)}?as=${by.login}#discussion_r${made?.id}`);
  };
  return [
    { method: 'POST', path: `${path}/reviews`, handle: onComment(submitReview(context)) },
    {
      method: 'POST',
      path: `${path}/comments`,
      handle: onComment((by, { pull }, { form }) => {
        const text = parseCommentText({ body: readFormText(form) });
        const [file, line] = [form.get('path') ?? '', Number(form.get('line'))];
        const patch = listPullFiles(store, pull).find((changed) => changed.path === file)?.patch;
        const diffHunk = patch === undefined ? undefined : cutHunk(patch, line);
        if (diffHunk === undefined)
          return forbiddenPage('The pull request no longer changes this line. Open it again.', 409);
        return text instanceof Response
          ? invalidFormPage()
          : submit(by, pull, { path: file, line, diffHunk, replyTo: null, body: text });
      }),
    },
    {
      method: 'POST',
      path: `${path}/comments/:id/replies`,
      handle: onComment((by, { pull }, { parameters, form }) => {
        const first = store.reviewComments.get(Number(parameters['id']));
        const text = parseCommentText({ body: readFormText(form) });
        if (first?.pull !== pull.number || first.replyTo !== null || text instanceof Response)
          return invalidFormPage();
        const { path: file, line, diffHunk } = first;
        return submit(by, pull, { path: file, line, diffHunk, replyTo: first.id, body: text });
      }),
    },
  ];
};

const submitReview =
  ({ services }: PageContext): Change =>
  (by, { pull, issue }, { form }) => {
    const state = reviewStates.find((one) => one === form.get('event'));
    const body = readFormText(form);
    // As on GitHub, only an approval can be without a text, and people cannot decide about their own changes.
    const isValid = body === '' ? state === 'approved' : typeof parseCommentText({ body }) === 'string';
    if (!state || !isValid) return invalidFormPage();
    if (state !== 'commented' && by.id === issue.author)
      return forbiddenPage('You can only comment on your own pull request.', 422);
    const { review } = services.submitReview(by, pull, { body, state, comments: [] });
    return redirectResponse(`${buildPullPath(pull.number)}?as=${by.login}#pullrequestreview-${review.id}`);
  };

const merge =
  ({ services, accounts }: PageContext): Change =>
  (by, { pull, issue }, { form }) => {
    if (!mayWrite(by)) return forbiddenPage(`${by.login} cannot merge pull requests.`);
    if (issue.state !== 'open') return forbiddenPage('The pull request is not open.', 409);
    if (form.get('head') !== pull.headSha)
      return forbiddenPage('The branch has changed since you opened the page. Open it again.', 409);
    const message = `${formatMergeTitle(pull, accounts)}\n\n${issue.title}`;
    const merged = services.mergePullRequest(by, pull, message);
    return 'conflicts' in merged
      ? forbiddenPage(`The branch has conflicts in ${merged.conflicts.join(', ')}.`, 409)
      : redirectResponse(`${buildPullPath(pull.number)}?as=${by.login}`);
  };

import { mayChange, mayWrite, type GitHubAccount } from '../accounts.ts';
import { parseCommentText, parseIssueText } from '../api/request-bodies.ts';
import { findCommentRefusal } from '../api/comments.ts';
import type { PathParameters } from '../router.ts';
import type { PageContent } from './layout.ts';
import type { CommentRow } from '../store/comments.ts';
import type { IssueRow } from '../store/issues.ts';
import {
  findComment,
  commentPath,
  issuePath,
  issuesPath,
  forbiddenPage,
  findPerson,
  redirectResponse,
  invalidFormPage,
  type PageContext,
  type PageRoute,
  type PageRequest,
} from './page-context.ts';

/** Returns the POST routes of the forms. Each redirects to a page, so that the forms work without a script. */
export const createPostRoutes = (context: PageContext): readonly PageRoute[] => [
  ...createIssueRoutes(context),
  ...createCommentRoutes(context),
];

const createIssueRoutes = ({ store, services }: PageContext): readonly PageRoute[] => {
  type Change = (by: GitHubAccount, issue: IssueRow, form: URLSearchParams) => void;
  const changing =
    (may: (by: GitHubAccount, issue: IssueRow) => boolean, change: Change) =>
    ({ parameters, form }: PageRequest): Response | PageContent => {
      const issue = findIssue(store, parameters);
      const by = findPerson(form);
      if (!issue || !by) return invalidFormPage();
      if (!may(by, issue)) return forbiddenPage(`${by.login} cannot do this.`);
      change(by, issue, form);
      return redirectResponse(`${issuesPath}/${issue.number}?as=${by.login}`);
    };
  return [
    {
      method: 'POST',
      path: issuesPath,
      handle: ({ form }) => {
        const author = findPerson(form);
        const text = parseIssueText({ title: form.get('title'), body: readFormText(form) });
        if (!author || text instanceof Response) return invalidFormPage();
        return redirectResponse(`${issuesPath}/${services.open(author, text).number}`);
      },
    },
    {
      method: 'POST',
      path: `${issuePath}/state`,
      handle: changing(
        (by, issue) => (mayWrite(by) || by.id === issue.author) && !store.pulls.get(issue.number)?.mergedAt,
        (by, issue, form) =>
          services.change(by, issue, { state: form.get('state') === 'closed' ? 'closed' : 'open' }),
      ),
    },
    {
      method: 'POST',
      path: `${issuePath}/lock`,
      handle: changing(mayWrite, (by, issue, form) =>
        form.get('lock') === 'on' ? services.lock(by, issue, null) : services.unlock(by, issue),
      ),
    },
  ];
};

const createCommentRoutes = (context: PageContext): readonly PageRoute[] => {
  const { store, services } = context;
  const changing =
    (change: (by: GitHubAccount, comment: CommentRow, form: URLSearchParams) => Response | PageContent) =>
    ({ parameters, form }: PageRequest): Response | PageContent => {
      const comment = findComment(context, parameters);
      const by = findPerson(form);
      if (!comment || !by) return invalidFormPage();
      return mayChange(by, comment)
        ? change(by, comment, form)
        : forbiddenPage(`${by.login} cannot change comments of other people.`);
    };
  return [
    {
      method: 'POST',
      path: `${issuePath}/comments`,
      handle: ({ parameters, form }) => {
        const issue = findIssue(store, parameters);
        const author = findPerson(form);
        const text = parseCommentText({ body: readFormText(form) });
        if (!issue || !author || text instanceof Response) return invalidFormPage();
        if (findCommentRefusal(author, issue))
          return forbiddenPage('You cannot comment on this conversation.');
        return redirectToComment(services.comment(author, issue.number, text), author);
      },
    },
    {
      method: 'POST',
      path: `${commentPath}/edit`,
      handle: changing((by, comment, form) => {
        const text = parseCommentText({ body: readFormText(form) });
        return text instanceof Response
          ? invalidFormPage()
          : redirectToComment(services.edit(by, comment, text), by);
      }),
    },
    {
      method: 'POST',
      path: `${commentPath}/delete`,
      handle: changing((by, comment) => {
        services.remove(by, comment);
        return redirectResponse(`${issuesPath}/${comment.issue}?as=${by.login}`);
      }),
    },
  ];
};

const findIssue = (store: PageContext['store'], { number }: PathParameters): IssueRow | undefined =>
  store.issues.get(Number(number));

/** Returns the text of a form. Browsers send CRLF, API clients LF. */
export const readFormText = (form: URLSearchParams): string =>
  (form.get('body') ?? '').replaceAll('\r\n', '\n');

const redirectToComment = ({ issue, id }: CommentRow, { login }: GitHubAccount): Response =>
  redirectResponse(`${issuesPath}/${issue}?as=${login}#issuecomment-${id}`);

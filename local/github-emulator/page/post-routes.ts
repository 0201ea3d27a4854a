import { mayChange, mayWrite, type Account } from '../accounts.ts';
import { commentText, issueText } from '../api/request-bodies.ts';
import { closedTo } from '../api/comments.ts';
import type { Parameters } from '../router.ts';
import type { Comment } from '../store/comments.ts';
import type { Issue } from '../store/issues.ts';
import {
  commentAt,
  commentPath,
  issuePath,
  issuesPath,
  notTaken,
  personIn,
  redirect,
  refused,
  type PageDesk,
  type PageRoute,
  type Visit,
} from './page-context.ts';

/** What the forms of the pages do. Each leads back to a page, so that they work without any script. */
export const writingRoutes = (desk: PageDesk): readonly PageRoute[] => [
  ...issueForms(desk),
  ...commentForms(desk),
];

const issueForms = ({ store, activity }: PageDesk): readonly PageRoute[] => {
  type Change = (by: Account, issue: Issue, form: URLSearchParams) => void;
  const changing =
    (may: (by: Account, issue: Issue) => boolean, change: Change) =>
    ({ parameters, form }: Visit): Response => {
      const issue = issueAt(store, parameters);
      const by = personIn(form);
      if (!issue || !by) return refused();
      if (!may(by, issue)) return notTaken(`${by.login} may not do this here.`);
      change(by, issue, form);
      return redirect(`${issuesPath}/${issue.number}?as=${by.login}`);
    };
  return [
    {
      method: 'POST',
      path: issuesPath,
      handle: ({ form }) => {
        const author = personIn(form);
        const text = issueText({ title: form.get('title'), body: linesOf(form) });
        if (!author || text instanceof Response) return refused();
        return redirect(`${issuesPath}/${activity.open(author, text).number}`);
      },
    },
    {
      method: 'POST',
      path: `${issuePath}/state`,
      handle: changing(
        (by, issue) => mayWrite(by) || by.id === issue.author,
        (by, issue, form) =>
          activity.change(by, issue, { state: form.get('state') === 'closed' ? 'closed' : 'open' }),
      ),
    },
    {
      method: 'POST',
      path: `${issuePath}/lock`,
      handle: changing(mayWrite, (by, issue, form) =>
        form.get('lock') === 'on' ? activity.lock(by, issue, null) : activity.unlock(by, issue),
      ),
    },
  ];
};

const commentForms = (desk: PageDesk): readonly PageRoute[] => {
  const { store, activity } = desk;
  const changing =
    (change: (by: Account, comment: Comment, form: URLSearchParams) => Response) =>
    ({ parameters, form }: Visit): Response => {
      const comment = commentAt(desk, parameters);
      const by = personIn(form);
      if (!comment || !by) return refused();
      return mayChange(by, comment)
        ? change(by, comment, form)
        : notTaken(`${by.login} may not change what others wrote.`);
    };
  return [
    {
      method: 'POST',
      path: `${issuePath}/comments`,
      handle: ({ parameters, form }) => {
        const issue = issueAt(store, parameters);
        const author = personIn(form);
        const text = commentText({ body: linesOf(form) });
        if (!issue || !author || text instanceof Response) return refused();
        if (closedTo(author, issue)) return notTaken('This conversation takes no comment of yours.');
        return toComment(activity.comment(author, issue.number, text), author);
      },
    },
    {
      method: 'POST',
      path: `${commentPath}/edit`,
      handle: changing((by, comment, form) => {
        const text = commentText({ body: linesOf(form) });
        return text instanceof Response ? refused() : toComment(activity.edit(by, comment, text), by);
      }),
    },
    {
      method: 'POST',
      path: `${commentPath}/delete`,
      handle: changing((by, comment) => {
        activity.remove(by, comment);
        return redirect(`${issuesPath}/${comment.issue}?as=${by.login}`);
      }),
    },
  ];
};

const issueAt = (store: PageDesk['store'], { number }: Parameters): Issue | undefined =>
  store.issues.get(Number(number));

/** The text of a form: browsers send CRLF, the API's clients LF. */
export const linesOf = (form: URLSearchParams): string => (form.get('body') ?? '').replaceAll('\r\n', '\n');

const toComment = ({ issue, id }: Comment, { login }: Account): Response =>
  redirect(`${issuesPath}/${issue}?as=${login}#issuecomment-${id}`);

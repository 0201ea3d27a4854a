import { people, type Account } from '../accounts.ts';
import { commentText, issueText } from '../api/bodies.ts';
import type { Comment } from '../store/comments.ts';
import {
  commentPath,
  issuePath,
  issuesPath,
  ownComment,
  redirect,
  refused,
  type PageDesk,
  type PageRoute,
} from './desk.ts';

/** What the forms of the pages do. Each leads back to a page, so that they work without any script. */
export const writingRoutes = (desk: PageDesk): readonly PageRoute[] => {
  const { store, activity } = desk;
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
      path: `${issuePath}/comments`,
      handle: ({ parameters, form }) => {
        const issue = store.issues.get(Number(parameters['number']));
        const author = personIn(form);
        const text = commentText({ body: linesOf(form) });
        if (!issue || !author || text instanceof Response) return refused();
        return toComment(activity.comment(author, issue.number, text), author);
      },
    },
    {
      method: 'POST',
      path: `${commentPath}/edit`,
      handle: ({ parameters, form }) => {
        const own = ownComment(desk, parameters);
        const text = commentText({ body: linesOf(form) });
        if (!own || text instanceof Response) return refused();
        return toComment(activity.edit(own.author, own.comment, text), own.author);
      },
    },
    {
      method: 'POST',
      path: `${commentPath}/delete`,
      handle: ({ parameters }) => {
        const own = ownComment(desk, parameters);
        if (!own) return refused();
        activity.remove(own.author, own.comment);
        return redirect(`${issuesPath}/${own.comment.issue}`);
      },
    },
  ];
};

/** The text of a form: browsers send CRLF, the API's clients LF. */
const linesOf = (form: URLSearchParams): string => (form.get('body') ?? '').replaceAll('\r\n', '\n');

const personIn = (form: URLSearchParams): Account | undefined =>
  people.find(({ login }) => login === form.get('as'));

const toComment = ({ issue, id }: Comment, { login }: Account): Response =>
  redirect(`${issuesPath}/${issue}?as=${login}#issuecomment-${id}`);

import { repositoryName } from '../accounts.ts';
import { commentCard } from './card.ts';
import {
  commentAt,
  commentPath,
  issuePath,
  issuesPath,
  missing,
  ownComment,
  redirect,
  type PageDesk,
  type PageRoute,
} from './desk.ts';
import { editForm } from './forms.ts';
import { htmlAnswer, pageAnswer } from './layout.ts';
import { loadMarkdown, type RenderMarkdown } from './markdown.ts';
import { issuesView, issueView } from './views.ts';

/** The pages that are read; `home` is where `/` leads. */
export const readingRoutes = (desk: PageDesk, home: string): readonly PageRoute[] => {
  const { store, accounts } = desk;
  let loaded: Promise<RenderMarkdown> | undefined;
  const renderer = (): Promise<RenderMarkdown> => (loaded ??= loadMarkdown());
  return [
    { method: 'GET', path: '/', handle: () => redirect(home) },
    { method: 'GET', path: `/${repositoryName}`, handle: () => redirect(issuesPath) },
    {
      method: 'GET',
      path: issuesPath,
      handle: () => pageAnswer('Issues', issuesView(store.issues.list(all), accounts)),
    },
    {
      method: 'GET',
      path: issuePath,
      handle: async ({ parameters, url }) => {
        const issue = store.issues.get(Number(parameters['number']));
        if (!issue) return missing();
        const view = issueView(issue, desk, await renderer(), url.searchParams.get('as'));
        return pageAnswer(`${issue.title} #${issue.number}`, view);
      },
    },
    {
      method: 'GET',
      path: `${commentPath}/card`,
      handle: async ({ parameters }) => {
        const render = await renderer();
        const comment = commentAt(desk, parameters);
        if (!comment) return missing();
        return htmlAnswer(
          commentCard({ comment, reactions: store.reactions.list(comment.id), accounts, render }),
        );
      },
    },
    {
      method: 'GET',
      path: `${commentPath}/edit`,
      handle: ({ parameters }) => {
        const own = ownComment(desk, parameters);
        return own ? pageAnswer('Edit a comment', editForm(own.comment)) : missing();
      },
    },
  ];
};

const all = { limit: -1, offset: 0 };

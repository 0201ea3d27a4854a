import { repositoryName } from '../accounts.ts';
import { commentCard } from './card.ts';
import {
  commentAt,
  commentPath,
  issuePath,
  issuesPath,
  missing,
  pullPage,
  redirect,
  type PageDesk,
  type PageRoute,
} from './desk.ts';
import { editForm } from './forms.ts';
import { htmlAnswer, pageAnswer } from './layout.ts';
import { loadMarkdown, type RenderMarkdown } from './markdown.ts';
import type { Parameters } from '../router.ts';
import type { Issue } from '../store/issues.ts';
import { issuesView, issueView, overviewParts } from './views.ts';

/** The pages that are read; `home` is where `/` leads. */
export const readingRoutes = (desk: PageDesk, home: string): readonly PageRoute[] => {
  let loaded: Promise<RenderMarkdown> | undefined;
  const renderer = (): Promise<RenderMarkdown> => (loaded ??= loadMarkdown(desk.accounts));
  return [
    { method: 'GET', path: '/', handle: () => redirect(home) },
    { method: 'GET', path: `/${repositoryName}`, handle: () => redirect(issuesPath) },
    {
      method: 'GET',
      path: issuesPath,
      handle: () => pageAnswer('Issues', issuesView(desk.store.issues.list(all), desk.accounts)),
    },
    ...threadRoutes(desk, renderer),
    ...commentRoutes(desk, renderer),
  ];
};

type Renderer = () => Promise<RenderMarkdown>;

/** The pages of issues and pull requests. */
const threadRoutes = (desk: PageDesk, renderer: Renderer): readonly PageRoute[] => {
  const issueAt = ({ number }: Parameters): Issue | undefined => desk.store.issues.get(Number(number));
  const thread = async (issue: Issue, url: URL): Promise<Response> => {
    const view = issueView(issue, desk, await renderer(), url.searchParams.get('as'));
    return pageAnswer(`${issue.title} #${issue.number}`, view);
  };
  return [
    {
      method: 'GET',
      path: issuePath,
      handle: ({ parameters, url }) => {
        const issue = issueAt(parameters);
        if (!issue) return missing();
        return issue.isPull ? redirect(pullPage(issue.number) + url.search) : thread(issue, url);
      },
    },
    {
      method: 'GET',
      path: pullPage(':number'),
      handle: ({ parameters, url }) => {
        const issue = issueAt(parameters);
        return issue?.isPull ? thread(issue, url) : missing();
      },
    },
    {
      method: 'GET',
      path: `${issuePath}/overview`,
      handle: async ({ parameters }) => {
        const render = await renderer();
        const issue = issueAt(parameters);
        return issue ? htmlAnswer(overviewParts(issue, desk, render)) : missing();
      },
    },
  ];
};

/** A comment's card alone, and the form that changes it. */
const commentRoutes = (desk: PageDesk, renderer: Renderer): readonly PageRoute[] => {
  const { store, accounts } = desk;
  return [
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
        const comment = commentAt(desk, parameters);
        return comment ? pageAnswer('Edit a comment', editForm(comment)) : missing();
      },
    },
  ];
};

const all = { limit: -1, offset: 0 };

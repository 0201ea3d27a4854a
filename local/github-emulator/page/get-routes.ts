import { repositoryName } from '../accounts.ts';
import { commentCard } from './comment-card.ts';
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
  type Visit,
} from './page-context.ts';
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
      handle: ({ formToken }) =>
        pageAnswer('Issues', issuesView(desk.store.issues.list(all), desk.accounts, formToken)),
    },
    ...threadRoutes(desk, renderer),
    ...commentRoutes(desk, renderer),
  ];
};

type Renderer = () => Promise<RenderMarkdown>;

/** The pages of issues and pull requests. */
const threadRoutes = (desk: PageDesk, renderer: Renderer): readonly PageRoute[] => {
  const issueAt = ({ number }: Parameters): Issue | undefined => desk.store.issues.get(Number(number));
  const thread = async (issue: Issue, { url, formToken }: Visit): Promise<Response> => {
    const chosen = url.searchParams.get('as');
    const view = issueView(issue, desk, await renderer(), { chosen, formToken });
    return pageAnswer(`${issue.title} #${issue.number}`, view);
  };
  return [
    {
      method: 'GET',
      path: issuePath,
      handle: (visit) => {
        const issue = issueAt(visit.parameters);
        if (!issue) return missing();
        return issue.isPull ? redirect(pullPage(issue.number) + visit.url.search) : thread(issue, visit);
      },
    },
    {
      method: 'GET',
      path: pullPage(':number'),
      handle: (visit) => {
        const issue = issueAt(visit.parameters);
        return issue?.isPull ? thread(issue, visit) : missing();
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
      handle: async ({ parameters, formToken }) => {
        const render = await renderer();
        const comment = commentAt(desk, parameters);
        if (!comment) return missing();
        return htmlAnswer(
          commentCard({
            comment,
            reactions: store.reactions.list(comment.id),
            accounts,
            render,
            formToken,
          }),
        );
      },
    },
    {
      method: 'GET',
      path: `${commentPath}/edit`,
      handle: ({ parameters, formToken }) => {
        const comment = commentAt(desk, parameters);
        return comment ? pageAnswer('Edit a comment', editForm(comment, formToken)) : missing();
      },
    },
  ];
};

const all = { limit: -1, offset: 0 };

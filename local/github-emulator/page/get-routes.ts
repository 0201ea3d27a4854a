import { repositoryName } from '../accounts.ts';
import { renderCommentCard } from './comment-card.ts';
import {
  findComment,
  commentPath,
  issuePath,
  issuesPath,
  notFoundPage,
  buildPullPath,
  redirectResponse,
  type PageContext,
  type PageRoute,
  type PageRequest,
} from './page-context.ts';
import { renderDeleteForm, renderEditForm } from './forms.ts';
import { parsePullSelection } from './pull-forms.ts';
import { createPage, htmlResponse, type PageContent } from './layout.ts';
import { loadMarkdownRenderer, type RenderMarkdown } from './markdown.ts';
import type { PathParameters } from '../router.ts';
import type { IssueRow } from '../store/issues.ts';
import { renderIssueList, renderIssue, renderThreadHeader } from './views.ts';

/** Returns the GET routes of the pages. `/` redirects to `home`. */
export const createGetRoutes = (context: PageContext, home: string): readonly PageRoute[] => {
  let loaded: Promise<RenderMarkdown> | undefined;
  const renderer = (): Promise<RenderMarkdown> =>
    (loaded ??= loadMarkdownRenderer(context.accounts, context.site.pictureOrigin));
  return [
    { method: 'GET', path: '/', handle: () => redirectResponse(home) },
    { method: 'GET', path: `/${repositoryName}`, handle: () => redirectResponse(issuesPath) },
    {
      method: 'GET',
      path: issuesPath,
      handle: ({ formToken }) =>
        createPage(
          'Issues',
          renderIssueList(context.store.issues.list(wholeList), context.accounts, formToken),
        ),
    },
    ...createThreadRoutes(context, renderer),
    ...createCommentRoutes(context, renderer),
  ];
};

type Renderer = () => Promise<RenderMarkdown>;

/** Returns the routes of issues and pull requests. */
const createThreadRoutes = (context: PageContext, renderer: Renderer): readonly PageRoute[] => {
  const issueAt = ({ number }: PathParameters): IssueRow | undefined =>
    context.store.issues.get(Number(number));
  const thread = async (issue: IssueRow, { url, formToken }: PageRequest): Promise<PageContent> => {
    const chosen = url.searchParams.get('as');
    const selection = parsePullSelection(url.searchParams, formToken);
    const view = renderIssue(issue, context, await renderer(), { chosen, formToken, selection });
    return createPage(`${issue.title} #${issue.number}`, view);
  };
  return [
    {
      method: 'GET',
      path: issuePath,
      handle: (pageRequest) => {
        const issue = issueAt(pageRequest.parameters);
        if (!issue) return notFoundPage();
        return issue.isPull
          ? redirectResponse(buildPullPath(issue.number) + pageRequest.url.search)
          : thread(issue, pageRequest);
      },
    },
    {
      method: 'GET',
      path: buildPullPath(':number'),
      handle: (pageRequest) => {
        const issue = issueAt(pageRequest.parameters);
        return issue?.isPull ? thread(issue, pageRequest) : notFoundPage();
      },
    },
    {
      method: 'GET',
      path: `${issuePath}/overview`,
      handle: async ({ parameters, url, formToken }) => {
        const render = await renderer();
        const issue = issueAt(parameters);
        const selection = parsePullSelection(url.searchParams, formToken);
        return issue ? htmlResponse(renderThreadHeader(issue, context, render, selection)) : notFoundPage();
      },
    },
  ];
};

/** Returns the routes of a comment's card and of the form that edits it. */
const createCommentRoutes = (context: PageContext, renderer: Renderer): readonly PageRoute[] => {
  const { store, accounts } = context;
  return [
    {
      method: 'GET',
      path: `${commentPath}/card`,
      handle: async ({ parameters, formToken }) => {
        const render = await renderer();
        const comment = findComment(context, parameters);
        if (!comment) return notFoundPage();
        return htmlResponse(
          renderCommentCard({
            comment,
            reactions: store.reactions.list(comment.id),
            accounts,
            render,
            formToken,
            hasJobs: context.site.hasJobs,
          }),
        );
      },
    },
    {
      method: 'GET',
      path: `${commentPath}/delete`,
      handle: async ({ parameters, formToken }) => {
        const render = await renderer();
        const comment = findComment(context, parameters);
        if (!comment) return notFoundPage();
        return createPage('Delete a comment', renderDeleteForm(comment, render(comment.body), formToken));
      },
    },
    {
      method: 'GET',
      path: `${commentPath}/edit`,
      handle: ({ parameters, formToken }) => {
        const comment = findComment(context, parameters);
        return comment ? createPage('Edit a comment', renderEditForm(comment, formToken)) : notFoundPage();
      },
    },
  ];
};

const wholeList = { limit: -1, offset: 0 };

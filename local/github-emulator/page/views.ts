import { repositoryName, type Accounts } from '../accounts.ts';
import type { EmulatorStore } from '../store/store.ts';
import type { IssueRow } from '../store/issues.ts';
import { renderAvatar, renderByline, renderCommentCard, renderRoleBadge } from './comment-card.ts';
import { renderCommentForm, renderIssueForm } from './forms.ts';
import { markup, type Html } from './html.ts';
import type { Site } from './layout.ts';
import type { RenderMarkdown } from './markdown.ts';
import {
  renderCheckList,
  renderControls,
  formatCommentCount,
  renderHeading,
  loadThreadHeader,
  type ThreadHeader,
} from './thread-header.ts';
import { renderTime } from './relative-time.ts';
import { listPullFiles, mergePull } from '../git/pull-changes.ts';
import { renderDiff } from './pull-diff.ts';
import { renderMergeBox, renderReviewForm, type PullSelection } from './pull-forms.ts';
import { renderReviewList } from './review-list.ts';

type ViewContext = { store: EmulatorStore; accounts: Accounts; site: Site };

/** Renders the page of an issue: its text, its comments as cards, and the form for the next comment. */
export const renderIssue = (
  issue: IssueRow,
  { store, accounts, site: { hasJobs } }: ViewContext,
  render: RenderMarkdown,
  { chosen, formToken, selection }: { chosen: string | null; formToken: string; selection: PullSelection },
): Html => {
  const comments = store.comments.list({ issue: issue.number });
  const overview = loadThreadHeader(store, issue);
  const cards = comments.map((comment) =>
    renderCommentCard({
      comment,
      reactions: store.reactions.list(comment.id),
      accounts,
      render,
      formToken,
      hasJobs,
    }),
  );
  return markup`${renderHeading(overview, accounts, hasJobs)}
<section class="thread" aria-label="Comments" data-thread="/${repositoryName}/issues/${issue.number}">
  ${renderFirstCard(issue, accounts, render)}
  ${cards}
</section>
${renderReviewList(overview.reviews, { accounts, render, selection, hasJobs })}
<p class="unseen" role="status" aria-live="polite" data-news></p>
${renderCheckList(overview, render)}
${renderMerge(store, overview)}
${renderCommentForm(issue.number, chosen, formToken)}
${renderControls(overview)}
${renderChanges(store, overview, selection)}
${overview.pull && issue.state === 'open' ? renderReviewForm(issue.number, formToken) : false}`;
};

/** Renders the parts of that page around the comments, which replace older ones. */
export const renderThreadHeader = (
  issue: IssueRow,
  { store, accounts, site: { hasJobs } }: ViewContext,
  render: RenderMarkdown,
  selection: PullSelection,
): Html => {
  const overview = loadThreadHeader(store, issue);
  return markup`${renderHeading(overview, accounts, hasJobs)}${renderReviewList(overview.reviews, { accounts, render, selection, hasJobs })}${renderCheckList(overview, render)}${renderMerge(store, overview)}${renderControls(overview)}${renderChanges(store, overview, selection)}`;
};

const renderMerge = (store: EmulatorStore, { pull, issue }: ThreadHeader): Html | false =>
  pull !== undefined && renderMergeBox(pull, issue, () => mergePull(store, pull));

/** Renders the changes of a pull request. */
const renderChanges = (
  store: EmulatorStore,
  { pull, issue, reviews }: ThreadHeader,
  selection: PullSelection,
): Html | false =>
  pull !== undefined &&
  renderDiff({
    pull: pull.number,
    files: listPullFiles(store, pull),
    comments: reviews.flatMap((review) => review.comments.map(({ comment }) => comment)),
    isOpen: issue.state === 'open',
    selection,
  });

/** Renders the issue's own text as the first card. */
const renderFirstCard = (
  { author: id, body, createdAt }: IssueRow,
  accounts: Accounts,
  render: RenderMarkdown,
): Html => {
  const author = accounts.getById(id);
  return markup`<article class="entry" aria-label="The issue, by ${author.login}">
    ${renderAvatar(author)}
    <div class="card">
      <header>
        ${renderByline(author)} <span class="when">${renderTime(createdAt)}</span>
        <span class="spring"></span><span class="badge">Author</span> ${renderRoleBadge(author)}
      </header>
      <div class="body">${body === '' ? markup`<p class="note">No description.</p>` : render(body)}</div>
    </div>
  </article>`;
};

/** Renders all issues, and the form for a new one. */
export const renderIssueList = (issues: readonly IssueRow[], accounts: Accounts, formToken: string): Html => {
  const rows = issues.map(({ number, title, createdAt, author, comments, state, isPull }) => {
    const what = markup`${isPull ? 'pull request ' : ''}#${number}${state === 'closed' && ' (closed)'}`;
    const opened = markup`${what} opened ${renderTime(createdAt)} by ${accounts.getById(author).login}`;
    const page = `/${repositoryName}/${isPull ? 'pull' : 'issues'}/${number}`;
    return markup`<li><a href="${page}">${title}</a> <span class="note">${opened} · ${formatCommentCount(comments)}</span></li>`;
  });
  return markup`<div class="heading"><h1>Issues</h1></div><ul class="issues card">${rows}</ul>${renderIssueForm(formToken)}`;
};

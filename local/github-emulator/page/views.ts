import { repositoryName, type Accounts } from '../accounts.ts';
import type { Store } from '../store/store.ts';
import type { Issue } from '../store/issues.ts';
import { avatar, byline, commentCard, roleBadge } from './comment-card.ts';
import { commentForm, issueForm } from './forms.ts';
import { markup, type Html } from './html.ts';
import type { RenderMarkdown } from './markdown.ts';
import { checkList, controls, counted, heading, overviewOf } from './thread-header.ts';
import { timeShown } from './relative-time.ts';

type Source = { store: Store; accounts: Accounts };

/** The page of an issue: its text, its comments as cards, and the form for the next one. */
export const issueView = (
  issue: Issue,
  { store, accounts }: Source,
  render: RenderMarkdown,
  { chosen, formToken }: { chosen: string | null; formToken: string },
): Html => {
  const comments = store.comments.list({ issue: issue.number });
  const overview = overviewOf(store, issue);
  const cards = comments.map((comment) =>
    commentCard({ comment, reactions: store.reactions.list(comment.id), accounts, render, formToken }),
  );
  return markup`${heading(overview, accounts)}
<section class="thread" aria-label="Comments" data-thread="/${repositoryName}/issues/${issue.number}">
  ${firstCard(issue, accounts, render)}
  ${cards}
</section>
<p class="unseen" role="status" aria-live="polite" data-news></p>
${checkList(overview, render)}
${commentForm(issue.number, chosen, formToken)}
${controls(overview)}`;
};

/** The parts of that page that stand around the comments, to be put in place of older ones. */
export const overviewParts = (issue: Issue, { store, accounts }: Source, render: RenderMarkdown): Html => {
  const overview = overviewOf(store, issue);
  return markup`${heading(overview, accounts)}${checkList(overview, render)}${controls(overview)}`;
};

/** The issue's own text, as the card that all the others follow. */
const firstCard = (
  { author: id, body, createdAt }: Issue,
  accounts: Accounts,
  render: RenderMarkdown,
): Html => {
  const author = accounts.byId(id);
  return markup`<article class="entry" aria-label="The issue, by ${author.login}">
    ${avatar(author)}
    <div class="card">
      <header>
        ${byline(author)} <span class="when">${timeShown(createdAt)}</span>
        <span class="spring"></span><span class="badge">Author</span> ${roleBadge(author)}
      </header>
      <div class="body">${body === '' ? markup`<p class="note">No description.</p>` : render(body)}</div>
    </div>
  </article>`;
};

/** All issues, and the form for a new one. */
export const issuesView = (issues: readonly Issue[], accounts: Accounts, formToken: string): Html => {
  const rows = issues.map(({ number, title, createdAt, author, comments, state, isPull }) => {
    const what = markup`${isPull ? 'pull request ' : ''}#${number}${state === 'closed' && ' (closed)'}`;
    const opened = markup`${what} opened ${timeShown(createdAt)} by ${accounts.byId(author).login}`;
    const page = `/${repositoryName}/${isPull ? 'pull' : 'issues'}/${number}`;
    return markup`<li><a href="${page}">${title}</a> <span class="note">${opened} · ${counted(comments)}</span></li>`;
  });
  return markup`<div class="heading"><h1>Issues</h1></div><ul class="issues card">${rows}</ul>${issueForm(formToken)}`;
};

/** What a page says that has nothing to show. */
export const messageView = (
  title: string,
  text: string,
): Html => markup`<div class="heading"><h1>${title}</h1></div>
<p>${text}</p>
<p><a href="/${repositoryName}/issues">To the issues</a></p>`;

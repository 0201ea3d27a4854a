import { createHash } from 'node:crypto';

import { repositoryName, type Accounts } from '../accounts.ts';
import type { CheckRunRow } from '../store/checks.ts';
import type { EmulatorStore } from '../store/store.ts';
import type { IssueRow } from '../store/issues.ts';
import type { LabelRow } from '../store/labels.ts';
import type { PullRow } from '../store/pulls.ts';
import { toBranchRef } from '../git/repository.ts';
import { markup, trustHtml, type Html } from './html.ts';
import type { RenderMarkdown } from './markdown.ts';
import { renderTime } from './relative-time.ts';
import { loadReviews, type ShownReview } from './review-list.ts';

/** The parts of a thread's page around the comments. */
export type ThreadHeader = {
  issue: IssueRow;
  labels: readonly LabelRow[];
  pull: PullRow | undefined;
  checks: readonly CheckRunRow[];
  reviews: readonly ShownReview[];
  /** The commit of the branch into which the pull request would be merged. */
  baseNow: string | undefined;
};

export const loadThreadHeader = (store: EmulatorStore, issue: IssueRow): ThreadHeader => {
  const pull = store.pulls.get(issue.number);
  return {
    issue,
    labels: store.labels.listByIssue(issue.number),
    pull,
    checks: pull ? store.checks.listByCommit(pull.headSha) : [],
    reviews: loadReviews(store, issue.number),
    baseNow: pull && store.refs.get(toBranchRef(pull.base)),
  };
};

/** Returns a version that changes whenever these parts change. The number of comments is not included. */
export const hashThreadHeader = ({ issue, ...around }: ThreadHeader): string => {
  const { title, state, stateReason, locked, lockReason } = issue;
  const content = JSON.stringify([title, state, stateReason, locked, lockReason, around]);
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
};

/** Renders the heading of a thread's page. The page's script replaces it on changes. */
export const renderHeading = (overview: ThreadHeader, accounts: Accounts, hasJobs: boolean): Html => {
  const { issue, labels, pull } = overview;
  const author = accounts.getById(issue.author).login;
  const opening = pull?.mergedAt
    ? markup`<strong>${accounts.getById(pull.mergedBy ?? issue.author).login}</strong> merged ${formatBranch(pull, accounts)} into ${pull.base} ${renderTime(pull.mergedAt)} · <code>${pull.mergeSha?.slice(0, 7)}</code>`
    : markup`<strong>${author}</strong> ${pull ? `wants to merge ${formatBranch(pull, accounts)} into ${pull.base}` : 'opened this issue'} ${renderTime(issue.createdAt)}`;
  return markup`<div class="heading" data-part="heading" data-version="${hashThreadHeader(overview)}">
  <h1>${issue.title} <span class="number">#${issue.number}</span></h1>
  <p>${renderStateBadge(issue, pull)} ${issue.locked === 1 && markup`<span class="badge">Locked</span>`}
  <span>${opening} · <span data-count>${formatCommentCount(issue.comments)}</span></span>
  ${labels.map(({ name }) => markup`<span class="badge label">${name}</span> `)}
  <span class="spring"></span>${hasJobs && markup`<a href="/${repositoryName}/jobs?thread=${issue.number}">Jobs</a>`} <span class="live" data-live hidden></span></p>
</div>`;
};

const formatBranch = ({ head, fork }: PullRow, accounts: Accounts): string =>
  fork === null ? head : `${accounts.getById(fork).login}:${head}`;

/** Renders the controls of a thread. The buttons belong to the form of the next comment, which selects the person. */
export const renderControls = ({ issue, pull }: ThreadHeader): Html => {
  const at = `/${repositoryName}/issues/${issue.number}`;
  const kind = pull ? 'pull request' : 'issue';
  const [state, stateLabel] =
    issue.state === 'open' ? ['closed', `Close ${kind}`] : ['open', `Reopen ${kind}`];
  const [lock, lockLabel] = issue.locked ? ['off', 'Unlock conversation'] : ['on', 'Lock conversation'];
  const button = (to: string, name: string, value: string, label: string) =>
    markup`<button form="write" formaction="${at}/${to}" formnovalidate name="${name}" value="${value}">${label}</button>`;
  return markup`<div class="controls" data-part="controls">
  ${issue.locked === 1 && markup`<span class="note">This conversation is locked. Only people with write access can comment.</span>`}
  <span class="spring"></span>
  ${!pull?.mergedAt && button('state', 'state', state, stateLabel)} ${button('lock', 'lock', lock, lockLabel)}
</div>`;
};

/** Renders the check runs of a pull request's head, the latest of each name. */
export const renderCheckList = ({ pull, checks }: ThreadHeader, render: RenderMarkdown): Html => {
  const latest = checks.filter(
    (run, index) =>
      checks.findLastIndex(({ name, externalId }) => name === run.name && externalId === run.externalId) ===
      index,
  );
  return markup`<section class="checks" data-part="checks" aria-label="Checks">
  ${pull && latest.length > 0 && markup`<ul class="card">${latest.map((run) => renderCheckItem(run, render))}</ul>`}
</section>`;
};

const renderCheckItem = (run: CheckRunRow, render: RenderMarkdown): Html => {
  const state = run.conclusion ?? run.status;
  const face = stateClasses[state] ?? 'waits';
  const line = markup`<span class="face ${face}" role="img" aria-label="${state}"></span>
    <strong>${run.name}</strong> <span class="note">${run.title ?? state.replaceAll('_', ' ')}</span>`;
  const remarks = run.annotations.map(
    ({ path, startLine, message }) => markup`<li><code>${path}:${startLine}</code> ${message}</li>`,
  );
  return run.summary === null
    ? markup`<li>${line}</li>`
    : markup`<li><details><summary>${line}</summary><div class="body">${render(run.summary)}
    ${remarks.length > 0 && markup`<ul>${remarks}</ul>`}</div></details></li>`;
};

const stateClasses: Record<string, string> = {
  success: 'good',
  neutral: 'even',
  skipped: 'even',
  failure: 'bad',
  timed_out: 'bad',
  cancelled: 'bad',
  action_required: 'bad',
};

export const formatCommentCount = (n: number): string => `${n} ${n === 1 ? 'comment' : 'comments'}`;

const renderStateBadge = ({ state }: IssueRow, pull: PullRow | undefined): Html => {
  const mark =
    state === 'open'
      ? '<circle cx="8" cy="8" r="1.6" fill="currentColor"/>'
      : '<path d="m5.5 8.2 1.8 1.8 3.3-3.6" fill="none" stroke="currentColor" stroke-width="1.5"/>';
  return markup`<span class="state ${state}"><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
  <circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="1.5"/>${trustHtml(mark)}
</svg> ${state === 'open' ? 'Open' : pull?.mergedAt ? 'Merged' : 'Closed'}</span>`;
};

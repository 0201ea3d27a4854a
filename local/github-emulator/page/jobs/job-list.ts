import { createHash } from 'node:crypto';

import { people, repositoryName } from '../../accounts.ts';
import type { Job } from '../../../../contracts/job.ts';
import { toShortId } from '../../../../contracts/ids.ts';
import { markup, type Html } from '../html.ts';
import { renderTime } from '../relative-time.ts';
import { formatJobFilter, stateGroups, type FoundJobs, type JobFilter } from './job-filter.ts';
import { formatJobCommand, renderJobDuration, renderJobState } from './job-state.ts';

const jobsPath = `/${repositoryName}/jobs`;

/** The path of a job's reply by the job's id, for jobs of threads. */
export type FindReply = (job: Job) => string | undefined;

type ListView = { filter: JobFilter; after: string | undefined; found: FoundJobs; findReply: FindReply };

/** Renders the page with the list of jobs. Its filters work without a script, too. */
export const renderJobList = (view: ListView): Html => markup`<div class="heading"><h1>Jobs</h1>
  <p><span>${view.filter.thread === null ? 'All jobs of the repository, newest first' : markup`Jobs of <a href="/${repositoryName}/issues/${view.filter.thread}">#${view.filter.thread}</a>, newest first`}</span>
  <span class="spring"></span><span class="live" data-live hidden></span></p></div>
${renderFilterForm(view.filter)}
${renderJobRows(view)}
<p class="unseen" role="status" data-news></p>`;

const renderFilterForm = ({ state, kind, by, text, thread }: JobFilter): Html => {
  const option = (value: string, label: string, chosen: string) =>
    markup`<option value="${value}"${value === chosen && markup` selected`}>${label}</option>`;
  const states = [...stateGroups.keys()].map((name) => option(name, name.replaceAll('-', ' '), state));
  return markup`<form class="filters card" action="${jobsPath}" role="search" aria-label="Filter jobs" data-filters>
  <label>State <select name="state">${option('', 'all', state)}${states}</select></label>
  <label>Kind <select name="kind">${option('', 'all', kind)}${option('task', 'tasks (/run)', kind)}${option('compute', 'computations (/compute)', kind)}</select></label>
  <label>Requested by <input name="by" value="${by}" list="people" maxlength="100" autocomplete="off"></label>
  <datalist id="people">${people.map(({ login }) => markup`<option value="${login}"></option>`)}</datalist>
  <label class="wide">Command, parameters or id <input type="search" name="text" value="${text}" maxlength="200" autocomplete="off" aria-keyshortcuts="/"></label>
  ${thread !== null && markup`<input type="hidden" name="thread" value="${thread}">`}
  <button>Filter</button> <a class="button" href="${jobsPath}">Clear</a>
</form>`;
};

/** Renders the jobs themselves, which the page's script replaces when their version changes. */
export const renderJobRows = ({ filter, after, found, findReply }: ListView): Html => {
  const { jobs, next, searched } = found;
  const content = markup`${
    jobs.length === 0
      ? markup`<p class="card none">${searched === 0 && isEmpty(filter) ? markup`There are no jobs yet. Write a command such as <code>/compute 1000</code> in <a href="/${repositoryName}/issues">an issue</a>.` : 'No job matches these filters.'}</p>`
      : markup`<ul class="jobs card">${jobs.map((job) => renderRow(job, findReply))}</ul>`
  }
<nav class="pages" aria-label="Pages">
  ${after !== undefined && markup`<a class="button" href="${jobsPath}?${formatJobFilter(filter)}">Newest jobs</a>`}
  ${next !== null && markup`<a class="button" href="${jobsPath}?${formatJobFilter(filter, next)}" rel="next">Older jobs</a>`}
</nav>`;
  // Running times change by themselves, so the version leaves them out.
  const state = JSON.stringify([
    next,
    jobs.map((job) => ({ ...job, links: null, files: null, findReply: findReply(job) })),
  ]);
  const version = createHash('sha256').update(state).digest('hex').slice(0, 12);
  return markup`<div data-jobs data-version="${version}" data-active="${jobs.filter(({ endedAt }) => endedAt === null).length}">${content}</div>`;
};

const isEmpty = (filter: JobFilter): boolean => formatJobFilter(filter) === '';

const renderRow = (job: Job, findReply: FindReply): Html => {
  const { id, origin, createdAt, progress } = job;
  const reply = findReply(job);
  return markup`<li>
  <div class="what">${renderJobState(job)} <a class="command" href="${jobsPath}/${id}"><code>${formatJobCommand(job)}</code></a></div>
  <div class="note"><span title="${id}">${toShortId(id)}</span> · ${origin.sender === undefined ? 'requested' : markup`requested by <strong>${origin.sender}</strong>`} ${renderTime(createdAt)}${renderPart(renderJobDuration(job))}${renderPart(progress !== null && job.endedAt === null && markup`<span>${progress.done + progress.failed} of ${progress.total} blocks</span>`)}${renderPart(reply !== undefined && markup`<a href="${reply}">reply in #${origin.thread?.number}</a>`)}</div>
</li>`;
};

const renderPart = (part: Html | false): Html | false => part && markup` · ${part}`;

import { createHash } from 'node:crypto';

import { repositoryName } from '../../accounts.ts';
import { hasEnded, linkNames, type Job, type JobLog } from '../../../../contracts/job.ts';
import { formatFileSize } from '../../../../contracts/file-size.ts';
import type { TaskFiles } from '../../../../contracts/task-files.ts';
import type { WaitReason } from '../../../../contracts/conditions.ts';
import { toShortId } from '../../../../contracts/ids.ts';
import { markup, type Html } from '../html.ts';
import { renderTime } from '../relative-time.ts';
import { formatJobCommand, renderJobDuration, renderJobState } from './job-state.ts';

const jobsPath = `/${repositoryName}/jobs`;

/** `reply`: the path of the job's reply, if it exists. `pictureOrigin`: where the page may load delivered pictures from. */
type JobView = { job: Job; reply: string | undefined; pictureOrigin: string | null };

/** Renders the page of a job. @param log the end of its log so far; undefined for a computation */
export const renderJob = (view: JobView, log: JobLog | undefined): Html => markup`${renderJobOverview(view)}
${view.job.kind === 'task' && renderLog(view.job, log)}
<p class="unseen" role="status" data-news></p>`;

/** Renders the part of the page that the script replaces when its version changes. */
export const renderJobOverview = (view: JobView): Html => {
  const { job, reply } = view;
  const { id, origin, createdAt, startedAt, endedAt } = job;
  const version = createHash('sha256').update(JSON.stringify({ ...job, links: null, files: null, reply }));
  const number = origin.thread?.number;
  return markup`<div data-job="${jobsPath}/${id}/overview" data-version="${version.digest('hex').slice(0, 12)}" data-ended="${hasEnded(job.state) ? 'yes' : 'no'}">
<div class="heading"><h1 class="command"><code>${formatJobCommand(job)}</code></h1>
  <p>${renderJobState(job)} <span>${origin.sender === undefined ? 'requested' : markup`requested by <strong>${origin.sender}</strong>`} ${renderTime(createdAt)}</span> ${renderJobDuration(job)}
  <span class="spring"></span>${reply !== undefined ? markup`<a href="${reply}">Reply in #${number}</a>` : number !== undefined && markup`<a href="/${repositoryName}/issues/${number}">Thread #${number}</a>`} <span class="live" data-live hidden></span></p></div>
${job.message !== null && markup`<p class="card message">${job.message}</p>`}
${renderProgress(job)}
${job.waiting ? renderWaiting(job.waiting) : false}
<dl class="facts card">
  ${renderFact('Job', markup`<code>${id}</code>`)}
  ${renderFact('Started', startedAt !== null && renderTime(startedAt))}
  ${renderFact('Ended', endedAt !== null && renderTime(endedAt))}
  ${renderFact('Reason', job.reason)}
  ${renderFact('Ended by', job.endedBy)}
  ${renderFact('Approved by', job.approvals.length > 0 && job.approvals.map(({ by }) => by.name).join(', '))}
  ${renderFact('Retry of', job.retryOf !== null && markup`<a href="${jobsPath}/${job.retryOf}">${toShortId(job.retryOf)}</a>`)}
  ${renderFact('Exit code', getExitCode(job))}
  ${renderFact('Outputs', renderLinks(job))}
</dl>
<h2>Request</h2>
<dl class="facts card">${listRequest(job).map(([name, value]) => renderFact(name, markup`<code>${value}</code>`))}</dl>
${renderResult(job)}
${job.failures.length > 0 && renderFailures(job)}
${job.files ? renderFiles(job.files, view.pictureOrigin) : false}
</div>`;
};

/** Returns the fields of a request, with each parameter as one of them. */
const listRequest = ({ kind, request }: Job): [string, string][] => {
  const { parameters, ...others } = request;
  const given = Array.isArray(parameters)
    ? (parameters as { name: string; value: unknown }[]).map(({ name, value }): [string, unknown] => [
        name,
        value,
      ])
    : Object.entries(parameters ?? {});
  const name = kind === 'task' ? 'taskName' : 'algorithm';
  return [[name, request[name]] as [string, unknown], ...given, ...Object.entries(others)]
    .filter(([key, value], index) => (index === 0 || key !== name) && value !== null && value !== undefined)
    .map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]);
};

const renderFact = (name: string, value: Html | string | number | false | null): Html | false =>
  value !== null && value !== false && markup`<div><dt>${name}</dt><dd>${value}</dd></div>`;

/** Renders text that can be wider or higher than the page. */
const renderCode = (label: string, text: string): Html =>
  markup`<pre class="scroll code" role="group" aria-label="${label}" tabindex="0">${text}</pre>`;

const renderProgress = ({ progress, endedAt }: Job): Html | false => {
  if (!progress || endedAt !== null) return false;
  const { done, failed, total, workers } = progress;
  return markup`<p class="card message"><progress aria-label="Progress" value="${done + failed}" max="${total}"></progress>
  ${done + failed} of ${total} blocks${failed > 0 && `, ${failed} failed`}${workers !== null && ` · ${workers} ${workers === 1 ? 'worker' : 'workers'}`}</p>`;
};

const renderWaiting = (waiting: WaitReason): Html => {
  if (waiting.for === 'approval')
    return markup`<p class="card message">It waits for approval. To approve it, comment <code>/approve ${waiting.code}</code> in its thread.</p>`;
  const holders = waiting.holders.map((holder) =>
    holder.kind === 'job'
      ? markup`job <a href="${jobsPath}/${holder.job}">${toShortId(holder.job)}</a>`
      : markup`<strong>${holder.person.name}</strong>`,
  );
  const names = holders.map((holder, index) => markup`${index > 0 && ', '}${holder}`);
  return markup`<p class="card message">It waits for the lock <code>${waiting.key}</code>${holders.length > 0 && markup`, held by ${names}`}.</p>`;
};

const getExitCode = ({ kind, result }: Job): number | null => {
  const code = kind === 'task' && (result as { exitCode?: unknown } | null)?.exitCode;
  return typeof code === 'number' ? code : null;
};

const renderLinks = ({ links }: Job): Html | false => {
  const shown = linkNames.flatMap((name) => {
    const link = links?.[name];
    return link ? [markup`<a href="${toWebAddress(link.url)}" rel="noreferrer">${name}</a> `] : [];
  });
  return shown.length > 0 && markup`${shown}`;
};

/** Returns an address if a browser may open it. */
const toWebAddress = (url: string): string => (/^https?:\/\//.test(url) ? url : '#');

const renderResult = ({ kind, result }: Job): Html | false =>
  kind === 'compute' &&
  result !== null &&
  result !== undefined &&
  markup`<h2>Result</h2>${renderCode('Result', JSON.stringify(result, null, 2))}`;

const renderFailures = ({ failures }: Job): Html => {
  const rows = failures.map(
    ({ block, code, message }) =>
      markup`<tr><td>${block}</td><td><code>${code}</code></td><td>${message}</td></tr>`,
  );
  return markup`<h2>Failed blocks</h2>${renderTable('Failed blocks', markup`<thead><tr><th scope="col">Block</th><th scope="col">Code</th><th scope="col">Message</th></tr></thead><tbody>${rows}</tbody>`)}`;
};

const renderTable = (label: string, content: Html): Html =>
  markup`<div class="scroll" role="group" aria-label="${label}" tabindex="0"><table>${content}</table></div>`;

/** Renders what a task delivered. Names, summary and cells are foreign text, which is shown as it is. */
const renderFiles = (
  { delivered, omitted, omittedCount, summary, tables }: TaskFiles,
  pictureOrigin: string | null,
): Html => {
  const rows = delivered.map(
    ({ name, bytes, type, url }) =>
      markup`<tr><td><a href="${toWebAddress(url)}" rel="noreferrer">${name}</a></td><td>${formatFileSize(bytes)}</td><td>${type.split(';')[0]}</td></tr>`,
  );
  const omissions = omitted.map(
    ({ name, bytes, reason }) =>
      markup`<li><code>${name}</code>${bytes !== null && ` (${formatFileSize(bytes)})`}: ${reason.replaceAll('-', ' ')}</li>`,
  );
  const pictures = delivered.filter(
    ({ type, url }) => type === 'image/png' && pictureOrigin !== null && url.startsWith(`${pictureOrigin}/`),
  );
  return markup`<h2>Files</h2>
${rows.length > 0 && renderTable('Files', markup`<thead><tr><th scope="col">Name</th><th scope="col">Size</th><th scope="col">Type</th></tr></thead><tbody>${rows}</tbody>`)}
${omittedCount > 0 && markup`<p>Not delivered: ${omittedCount} ${omittedCount === 1 ? 'file' : 'files'}.</p><ul>${omissions}</ul>`}
${summary !== null && markup`<h3>summary.md</h3>${renderCode('summary.md', summary)}`}
${tables.map(({ name, header, rows: lines, truncated }) => {
  const head = header.map((cell) => markup`<th scope="col">${cell}</th>`);
  const body = lines.map((line) => markup`<tr>${line.map((cell) => markup`<td>${cell}</td>`)}</tr>`);
  return markup`<h3>${name}</h3>${renderTable(name, markup`<thead><tr>${head}</tr></thead><tbody>${body}</tbody>`)}${truncated && markup`<p class="note">Only the beginning is shown.</p>`}`;
})}
${pictures.map(({ name, url }) => markup`<figure><img class="picture" src="${url}" alt="${name}"><figcaption class="note">${name}</figcaption></figure>`)}`;
};

/** Renders the end of a task's log. The page's script continues it from `data-offset`. */
const renderLog = ({ id, links }: Job, log: JobLog | undefined): Html => {
  const full = links?.log;
  return markup`<section class="log" id="log" aria-labelledby="log-title">
  <div class="log-head"><h2 id="log-title">Log</h2> <span class="note" role="status" data-log-state></span><span class="spring"></span>
  <button type="button" data-log-pause hidden>Pause</button>${full && markup` <a class="button" href="${toWebAddress(full.url)}" rel="noreferrer">Open the whole log</a>`}</div>
  <p class="note" data-log-cut${log?.truncated !== true && markup` hidden`}>Only the end of the log is shown here.</p>
  <pre class="scroll code" role="group" aria-label="Log" aria-live="off" tabindex="0" data-log="${jobsPath}/${id}/log" data-offset="${log?.bytes ?? 0}">${log?.text ?? ''}</pre>
</section>`;
};

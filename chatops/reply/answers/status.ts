import type { Job } from '../../../compute/client/index.ts';
import { parseNotes } from '../../job/notes.ts';
import { getUntrustedCaller, isOriginTrusted } from '../../job/trusted-origin.ts';
import { escapeUnlessOwnMarkdown } from '../../markdown/untrusted-text.ts';
import { formatTable } from '../../markdown/table.ts';
import { formatCaller, formatRequester } from '../caller.ts';
import { formatExact } from '../exact-text.ts';
import { formatCommand, formatState } from '../headline.ts';
import { formatJobLink } from '../job-link.ts';
import { renderJobSection } from '../job-section.ts';
import { formatCounts } from '../progress.ts';
import { getStateLabel } from '../state-labels.ts';
import { formatTime } from '../time.ts';

/** Lists jobs of a thread in a table. @param more the number of older jobs that are not listed */
export const renderJobList = (jobs: readonly Job[], more: number): string => {
  if (jobs.length === 0) return 'No jobs have been started in this thread yet.';
  const rows = jobs.map((job) => [
    formatJobLink(job),
    formatExact(formatCommand(job), 150),
    formatStateCell(job),
    formatRequester(job, job.origin.sender ?? ''),
    formatTime(job.createdAt),
  ]);
  const list = formatTable(['Job', 'Command', 'State', 'Requested by', 'Since'], rows);
  return more === 0 ? list : `${list}\n\nand ${more} older.`;
};

const formatStateCell = (job: Job): string => {
  const counts = job.progress && job.state === 'running' ? `: ${formatCounts(job)}` : '';
  return `${getStateLabel(job).emoji} ${formatState(job)}${counts}${formatApprovers(job)}`;
};

/** Says who can approve a job that waits for approval; empty for other jobs, and if the origin only claims it. */
const formatApprovers = (job: Job): string => {
  const { approvers } = parseNotes(job.origin);
  return job.waiting?.for === 'approval' && approvers && isOriginTrusted(job)
    ? `, which requires ${escapeUnlessOwnMarkdown(approvers.words)}`
    : '';
};

/** The maximum length of a job's section; the rest is truncated. */
const maxSectionLength = 30_000;

/** Shows a job as its own reply does. A job that no entry started may have no reply, whatever its origin claims. */
export const renderStatus = (job: Job, isPublic: boolean): string => {
  const section = renderJobSection(job, { isPublic, maxLength: maxSectionLength });
  const claimant = getUntrustedCaller(job);
  const paragraphs = [
    section,
    claimant && `It was started by ${formatCaller(claimant)}.`,
    getStateLabel(job).end
      ? undefined
      : `This was the state when the command ran${claimant ? '' : '; the job’s own reply shows the current state'}.`,
  ];
  return paragraphs.filter((paragraph) => paragraph !== undefined).join('\n\n');
};

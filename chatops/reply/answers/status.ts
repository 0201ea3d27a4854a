import type { Job } from '../../../compute/client/index.ts';
import { getUntrustedCaller } from '../../job/trusted-origin.ts';
import { toCodeSpan } from '../../markdown/untrusted-text.ts';
import { formatTable } from '../../markdown/table.ts';
import { formatCaller, formatRequester } from '../caller.ts';
import { formatExact } from '../exact-text.ts';
import { formatCommand } from '../headline.ts';
import { renderJobSection } from '../job-section.ts';
import { formatCounts } from '../progress.ts';
import { getStateLabel } from '../state-labels.ts';
import { formatTime } from '../time.ts';

/** Lists jobs of a thread in a table. @param more the number of older jobs that are not listed */
export const renderJobList = (jobs: readonly Job[], more: number): string => {
  if (jobs.length === 0) return 'No jobs have been started in this thread yet.';
  const rows = jobs.map((job) => [
    formatExact(formatCommand(job), 150),
    formatState(job),
    formatRequester(job, job.origin.sender ?? ''),
    formatTime(job.createdAt),
    toCodeSpan(job.id),
  ]);
  const list = formatTable(['Command', 'State', 'Requested by', 'Since', 'Job'], rows);
  return more === 0 ? list : `${list}\n\nand ${more} older.`;
};

const formatState = ({ state, progress, waiting }: Job): string => {
  const { emoji, words } = getStateLabel(state);
  const what =
    state === 'waiting' && waiting ? ` for ${waiting.for === 'approval' ? 'approval' : 'its turn'}` : '';
  return `${emoji} ${words}${what}${progress && state === 'running' ? `: ${formatCounts(progress)}` : ''}`;
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
    getStateLabel(job.state).end
      ? undefined
      : `This was the state when the command ran${claimant ? '' : '; the job’s own reply shows the current state'}.`,
  ];
  return paragraphs.filter((paragraph) => paragraph !== undefined).join('\n\n');
};

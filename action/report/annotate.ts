import { getRequestComment } from '../../contracts/origin.ts';
import { toCodeSpan } from '../../chatops/markdown/untrusted-text.ts';
import { renderJobSection } from '../../chatops/reply/job-section.ts';
import { formatExact } from '../../chatops/reply/exact-text.ts';
import { formatCommand } from '../../chatops/reply/headline.ts';
import { getStateLabel } from '../../chatops/reply/state-labels.ts';
import { readTaskResult } from '../../chatops/reply/finished-job.ts';
import { tableIntroduction } from '../../chatops/reply/waiting-job.ts';
import type { Job } from '../../compute/client/index.ts';
import { error, notice } from './log.ts';

/** Matches the table of values and the sentence before it, which only the summary shows. */
const approvalTable = new RegExp(` ${tableIntroduction}[^:]*:$|^\\|.*\\|$`, 'gm');

/** Annotates the run's page if a job waits or has failed. */
export const annotateJob = (job: Job): void => {
  // The section of a job that waits for approval contains its full values.
  const room = job.state === 'waiting' ? 60_000 : 2_000;
  const section = renderJobSection(job, { isPublic: true, maxLength: room });
  if (job.state === 'waiting') {
    const paragraphs = toPlainText(section.replaceAll(approvalTable, '')).split(/\n{2,}/);
    notice([...paragraphs, describeNextRun(job)].join('\n'), { title: 'The job is waiting' });
  }
  if (getStateLabel(job).end !== 'badly') return;
  const lines = [...toPlainText(section).split('\n\n').slice(0, 2), getLastLogLine(job)].filter(
    (text) => text !== undefined,
  );
  error(lines.join('\n'), { title: `The job ended: ${job.reason ?? job.state}` });
};

/** Returns the last line of a task's log, where most scripts report their error. */
const getLastLogLine = ({ kind, result }: Job): string | undefined => {
  const log = kind === 'task' ? readTaskResult(result)?.logTail : undefined;
  const line = log?.trimEnd().split('\n').at(-1)?.trim();
  return line ? `The last line of its log: ${toCodeSpan(line)}` : undefined;
};

/** Returns the name of a job for the log: its command. */
export const formatJobName = (job: Job): string => formatExact(formatCommand(job), 120);

/** Returns how the job is followed later: a step that waited for people would occupy its runner for hours. */
const describeNextRun = ({ origin }: Job): string =>
  getRequestComment(origin)
    ? 'This run ends here. The run of the comment that resumes the job follows it.'
    : 'This step ends here. Re-run the workflow’s job later to continue with this job.';

/** Returns Markdown as plain text for a log: without emphasis, table syntax, and links of job ids. */
export const toPlainText = (markdown: string): string =>
  markdown
    .replaceAll(/^<sub>.*<\/sub>$/gm, '')
    .replaceAll('**', '')
    // The ids of jobs link to paths on GitHub's pages.
    .replaceAll(/\[(`[^`]*`)\]\(\/[^()\s]*\)/g, '$1')
    .replaceAll(/^```.*\n/gm, '')
    .replaceAll(/^\|.*\|\n\|(?: :?-+:? \|)+\n/gm, '')
    .replaceAll(/^\| (.*?) \| (.*) \|$/gm, '- $1: $2')
    .trim();

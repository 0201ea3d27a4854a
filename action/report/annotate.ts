import { toCodeSpan } from '../../chatops/markdown/untrusted-text.ts';
import { renderJobSection } from '../../chatops/reply/job-section.ts';
import { formatExact } from '../../chatops/reply/exact-text.ts';
import { formatCommand } from '../../chatops/reply/headline.ts';
import { getStateLabel } from '../../chatops/reply/state-labels.ts';
import { readTaskResult } from '../../chatops/reply/task-result.ts';
import type { Job } from '../../compute/client/index.ts';
import { error, notice } from './log.ts';

/** Tells of a job that waits, or has ended badly, at the top of the run's page. */
export const annotateJob = (job: Job): void => {
  // A job that waits for approval needs room for its full values; the summary leaves the table out.
  const room = job.state === 'waiting' ? 60_000 : 2_000;
  const section = renderJobSection(job, { isPublic: true, room });
  if (job.state === 'waiting') {
    // What exactly waits is a table in the summary.
    const paragraphs = toPlainText(section.replaceAll(/ The code stands for [^:]*:$|^\|.*\|$/gm, '')).split(
      /\n{2,}/,
    );
    notice([...paragraphs, describeNextRun(job)].join('\n'), { title: 'The job waits' });
  }
  if (getStateLabel(job.state).end !== 'badly') return;
  const lines = [...toPlainText(section).split('\n\n').slice(0, 2), getLastLogLine(job)].filter(
    (text) => text !== undefined,
  );
  error(lines.join('\n'), { title: `The job ended: ${job.reason ?? job.state}` });
};

/** Most scripts say there what went wrong. */
const getLastLogLine = ({ kind, result }: Job): string | undefined => {
  const log = kind === 'task' ? readTaskResult(result)?.logTail : undefined;
  const line = log?.trimEnd().split('\n').at(-1)?.trim();
  return line ? `The last line of its log: ${toCodeSpan(line)}` : undefined;
};

/** A job as it is called in the log: by its command. */
export const formatJobName = (job: Job): string => formatExact(formatCommand(job), 120);

/** A step that waited for people would cost its machine for hours. */
const describeNextRun = ({ origin }: Job): string =>
  origin.comment
    ? 'This run ends here; that of the comment which lets the job go on follows it.'
    : 'This step ends here. Re-run the workflow’s job later: it goes on with this one.';

/** Markdown as it reads in a log: without the signs of emphasis and of tables. */
export const toPlainText = (markdown: string): string =>
  markdown
    .replaceAll(/^<sub>.*<\/sub>$/gm, '')
    .replaceAll('**', '')
    .replaceAll(/^\|.*\|\n\|(?: --- \|)+\n/gm, '')
    .replaceAll(/^\| (.*?) \| (.*) \|$/gm, '- $1: $2')
    .trim();

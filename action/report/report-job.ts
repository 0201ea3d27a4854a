import { summary } from '@actions/core';
import { renderJobSection } from '../../chatops/reply/job-section.ts';
import { isLogOpen } from '../../chatops/reply/log-excerpt.ts';
import { getStateLabel } from '../../chatops/reply/state-labels.ts';
import { formatFileSize } from '../../contracts/file-size.ts';
import type { Job, Jobs } from '../../compute/client/index.ts';
import { annotateJob, formatJobName, toPlainText } from './annotate.ts';
import { setOutputs } from './outputs.ts';
import { error, printUntrustedGroup, printUntrustedText, warning } from './log.ts';

/** The maximum length of a section in the summary, in characters: GitHub accepts 1 MiB per step. */
const maxSectionLength = 200_000;

/** The maximum size of the end of a log that is printed. */
const maxLogBytes = 262_144;

/** Reports a job in the summary, the log and the annotations of the run. */
export const reportJob = async (job: Job, jobs: Pick<Jobs, 'log'>): Promise<void> => {
  await writeSummary(renderJobSection(job, { isPublic: true, maxLength: maxSectionLength }));
  await printLog(job, jobs);
  annotateJob(job);
};

/** Appends Markdown to the step's summary. Untrusted text in it must be escaped. */
export const writeSummary = async (markdown: string): Promise<void> => {
  // Without the blank line, the next text would become a row of a preceding table.
  if (process.env['GITHUB_STEP_SUMMARY']) await summary.addRaw(markdown, true).addEOL().write();
};

/** Reports a refusal with the text of a reply. */
export const reportRefusal = async (markdown: string, reason: string): Promise<void> => {
  setOutputs({ state: 'refused', reason });
  await writeSummary(markdown);
  error(toPlainText(markdown), { title: 'Command refused' });
};

const printLog = async (job: Job, jobs: Pick<Jobs, 'log'>): Promise<void> => {
  const end = getStateLabel(job).end;
  if (end === undefined) return;
  if (job.kind === 'compute') {
    if (job.result !== null && job.result !== undefined)
      printUntrustedGroup(`Result of ${formatJobName(job)}`, JSON.stringify(job.result, null, 1));
    return;
  }
  // If the log cannot be read, a job that succeeded must not fail.
  const log = await jobs.log(job.id, maxLogBytes).catch((cause: Error) => warning(cause.message));
  if (!log) return;
  const print = isLogOpen(job.state, log.text) ? printUntrustedText : printUntrustedGroup;
  print(
    `Log of ${formatJobName(job)}`,
    log.truncated ? `… ${formatFileSize(log.bytes)} in total\n${log.text}` : log.text,
  );
};

import { setOutput, summary } from '@actions/core';
import { renderJobSection } from '../../chatops/reply/job-section.ts';
import { getStateLabel } from '../../chatops/reply/state-labels.ts';
import type { Job, Jobs } from '../../compute/client/index.ts';
import { annotateJob, formatJobName, toPlainText } from './annotate.ts';
import type { ActionOutputs } from './outputs.ts';
import { error, printUntrustedGroup, warning } from './log.ts';

/** Room for a section in the summary, in characters: GitHub takes 1 MiB of a step. */
const maxSectionLength = 200_000;

/** The log's end that is printed, in bytes. */
const maxLogBytes = 262_144;

export const setOutputs = (outputs: ActionOutputs): void => {
  for (const [name, value] of Object.entries(outputs)) setOutput(name, value);
};

/** Tells the readers of the run of a job. */
export const reportJob = async (job: Job, jobs: Pick<Jobs, 'log'>): Promise<void> => {
  await writeSummary(renderJobSection(job, { isPublic: true, room: maxSectionLength }));
  await printLog(job, jobs);
  annotateJob(job);
};

/** Adds to the step's summary. Markdown with text of others made harmless. */
export const writeSummary = async (markdown: string): Promise<void> => {
  // The blank line ends a table: what is written next would be a row of it.
  if (process.env['GITHUB_STEP_SUMMARY']) await summary.addRaw(markdown, true).addEOL().write();
};

/** Prints a refusal, as the reply to a comment would show it. */
export const reportRefusal = async (markdown: string, reason: string): Promise<void> => {
  setOutputs({ state: 'refused', reason });
  await writeSummary(markdown);
  error(toPlainText(markdown), { title: 'Coxswain refuses' });
};

const printLog = async (job: Job, jobs: Pick<Jobs, 'log'>): Promise<void> => {
  const end = getStateLabel(job.state).end;
  if (end === undefined) return;
  if (job.kind === 'compute') {
    if (job.result !== null && job.result !== undefined)
      printUntrustedGroup(`Result of ${formatJobName(job)}`, JSON.stringify(job.result, null, 1));
    return;
  }
  // A log that cannot be had makes no failure of a job that ended well.
  const log = await jobs.log(job.id, maxLogBytes).catch((cause: Error) => warning(cause.message));
  if (log)
    printUntrustedGroup(
      `Log of ${formatJobName(job)}`,
      log.truncated ? `… ${log.bytes} bytes in all\n${log.text}` : log.text,
    );
};

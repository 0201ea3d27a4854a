import { setOutput, summary } from '@actions/core';
import { jobSection } from '../../chatops/reply/job-section.ts';
import { lookOf } from '../../chatops/reply/state-labels.ts';
import type { Job, Jobs } from '../../compute/client/index.ts';
import { annotate, nameOf, plain } from './annotate.ts';
import type { Outputs } from './outputs.ts';
import { error, printForeignGroup, warning } from './log.ts';

/** Room for a section in the summary, in characters: GitHub takes 1 MiB of a step. */
const room = 200_000;

/** The log's end that is printed, in bytes. */
const logBytes = 262_144;

export const setOutputs = (outputs: Outputs): void => {
  for (const [name, value] of Object.entries(outputs)) setOutput(name, value);
};

/** Tells the readers of the run of a job. */
export const reportJob = async (job: Job, jobs: Pick<Jobs, 'log'>): Promise<void> => {
  await writeSummary(jobSection(job, { isPublic: true, room }));
  await printLog(job, jobs);
  annotate(job);
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
  error(plain(markdown), { title: 'Coxswain refuses' });
};

const printLog = async (job: Job, jobs: Pick<Jobs, 'log'>): Promise<void> => {
  const end = lookOf(job.state).end;
  if (end === undefined) return;
  if (job.kind === 'compute') {
    if (job.result !== null && job.result !== undefined)
      printForeignGroup(`Result of ${nameOf(job)}`, JSON.stringify(job.result, null, 1));
    return;
  }
  // A log that cannot be had makes no failure of a job that ended well.
  const log = await jobs.log(job.id, logBytes).catch((cause: Error) => warning(cause.message));
  if (log)
    printForeignGroup(
      `Log of ${nameOf(job)}`,
      log.truncated ? `… ${log.bytes} bytes in all\n${log.text}` : log.text,
    );
};

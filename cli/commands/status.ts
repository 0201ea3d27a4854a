import { renderJobSection } from '../../chatops/reply/job-section.ts';
import type { Job } from '../../compute/client/index.ts';
import { exitCodes, getExitCode } from '../exit-codes.ts';
import { explainInterruption } from '../interruption.ts';
import { describeContinuingJob } from '../jobs/continues.ts';
import { findJob } from '../jobs/find-job.ts';
import { createProgressReporter } from '../jobs/report-progress.ts';
import { waitForJob } from '../jobs/wait-for-job.ts';
import { withOrchestrator, type ConnectionOptions } from '../orchestrator/connect.ts';
import { printJson, printMarkdown } from '../print.ts';

export type StatusOptions = ConnectionOptions & { wait?: true; timeout?: number; json?: true };

/** The maximum length of a job as text, in characters. */
const maxLength = 100_000;

/** Prints a job as its reply shows it. */
export const printJob = (job: Job): void =>
  printMarkdown(renderJobSection(job, { isPublic: false, maxLength }));

/** `coxswain status JOB`: shows a job; with `wait`, when it has ended. */
export const showStatus = (text: string, options: StatusOptions): Promise<number> =>
  withOrchestrator(options, async ({ jobs, flags }) => {
    let job = await findJob(jobs, text);
    if (options.wait) {
      explainInterruption(() => describeContinuingJob(job.id, flags));
      job = await waitForJob(jobs, job.id, {
        limitSeconds: options.timeout,
        onChange: createProgressReporter(),
      });
    }
    if (options.json) printJson(job);
    else printJob(job);
    return options.wait ? getExitCode(job.state) : exitCodes.ok;
  });

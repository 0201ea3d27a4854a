import { hasEnded } from '../../contracts/job.ts';
import type { Job } from '../../compute/client/index.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes, getExitCode } from '../exit-codes.ts';
import { explainInterruption } from '../interruption.ts';
import { describeContinuingJob } from '../jobs/continues.ts';
import { findJob } from '../jobs/find-job.ts';
import { reportState } from '../jobs/report-progress.ts';
import { streamLog } from '../jobs/stream-log.ts';
import { waitForJob } from '../jobs/wait-for-job.ts';
import { withOrchestrator, type ConnectionOptions, type Orchestrator } from '../orchestrator/connect.ts';
import { printJson } from '../print.ts';
import { writeForeign } from '../write-foreign.ts';

export type LogsOptions = ConnectionOptions & { follow?: true; bytes: number; json?: true };

/** `coxswain logs JOB`: prints the end of a task's log, or all of it as it grows. */
export const showLogs = (text: string, options: LogsOptions): Promise<number> =>
  withOrchestrator(options, async (orchestrator) => {
    const job = await findJob(orchestrator.jobs, text);
    if (job.kind === 'compute')
      throw new CliError('notFound', `${job.id} is a compute job, which has no log. Use "status --wait".`);
    return options.follow ? followLogs(job, options, orchestrator) : printEnd(job, options, orchestrator);
  });

const printEnd = async (
  { id }: Job,
  { bytes, json }: LogsOptions,
  { jobs }: Orchestrator,
): Promise<number> => {
  const log = await jobs.log(id, bytes);
  if (!log) throw new CliError('notFound', `${id} has no log yet.`);
  if (json) printJson(log);
  else writeForeign(log.text);
  return exitCodes.ok;
};

/** With `json`, each line is `{"text","offset"}`, and the last one the job. */
const followLogs = async (
  job: Job,
  { json }: LogsOptions,
  { jobs, flags }: Orchestrator,
): Promise<number> => {
  if (!hasEnded(job.state)) explainInterruption(() => describeContinuingJob(job.id, flags));
  await streamLog(jobs, job.id, json ? printLine : ({ text }) => writeForeign(text));
  const ended = await waitForJob(jobs, job.id);
  if (json) printLine(ended);
  else reportState(ended);
  return getExitCode(ended.state);
};

const printLine = (value: unknown): void => console.log(JSON.stringify(value));

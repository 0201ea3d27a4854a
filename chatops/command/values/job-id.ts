import type { CommandArguments } from '../command-arguments.ts';

const jobId = /^job-[0-9a-f]{32}$/;

/** What is to be known of every command about a job. */
export const jobIdNote = 'A job’s id stands in its reply. It must be a job of this repository.';

/** Reads the one argument of a command about a job; undefined if it is no id, which `given` is told. */
export const parseJobId = (given: CommandArguments): { job?: string } | undefined => {
  given.requireAtMost(1, 'the id of one job');
  given.rejectParameters();
  const [job] = given.positionals;
  if (!job) return {};
  if (jobId.test(job.value)) return { job: job.value };
  const expected = '"job-" and 32 digits from 0 to f, as a reply shows it';
  given.addError(job, 'wrong-type', 'This is no id of a job', { expected, received: job.value });
  return undefined;
};

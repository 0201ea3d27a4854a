import { jobIdOrPrefixPattern } from '../../../contracts/ids.ts';
import type { CommandArguments } from '../command-arguments.ts';

/** The note for every command that takes a job id. */
export const jobIdNote =
  'The id of a job is in its reply; its first eight digits are enough. It must be a job of this repository.';

/** Parses the only argument, if any, as a job id. If it is not one, adds an error and returns undefined. */
export const parseJobId = (args: CommandArguments): { job?: string } | undefined => {
  args.requireAtMost(1, 'one job id');
  args.rejectParameters();
  const [job] = args.positionals;
  if (!job) return {};
  if (jobIdOrPrefixPattern.test(job.value)) return { job: job.value };
  const expected = '"job-" and 8 to 32 hex digits, as shown in a reply';
  args.addError(job, 'wrong-type', '{received} is not a job id', { expected, received: job.value });
  return undefined;
};

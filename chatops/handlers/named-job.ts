import type { Job } from '../../compute/client/index.ts';
import { jobIdPattern } from '../../contracts/ids.ts';
import type { CommandContext } from '../command-context.ts';
import { failWith, type Refusal } from '../command-outcome.ts';
import { withPrefix } from '../command/index.ts';
import { findJob, findJobsByPrefix } from '../job/index.ts';
import * as answers from '../reply/answers/index.ts';
import { succeed, type Result } from '../result.ts';

/**
 * Returns the job of the repository that a command names by its id or by a prefix of it.
 * @param command the command without its arguments, such as `/cancel`
 */
export const findNamedJob = async (
  command: string,
  id: string,
  { comment, ports, grammar }: CommandContext,
): Promise<Result<Job, Refusal>> => {
  const exact = jobIdPattern.test(id) ? [await findJob(comment, id, ports.jobs)] : undefined;
  const found = (exact ?? (await findJobsByPrefix(comment, id, ports.jobs))).filter(
    (job) => job !== undefined,
  );
  // A job that moves while pages are read may be on two of them.
  const [job, ...others] = new Map(found.map((each) => [each.id, each])).values();
  if (!job) return failWith(answers.renderJobNotFound(command, id), 'not-found');
  return others.length === 0
    ? succeed(job)
    : failWith(answers.renderAmbiguousJob(withPrefix(command, grammar), [job, ...others]), 'several-fit');
};

import type { Job, Jobs } from '../../compute/client/index.ts';
import { jobIdOrPrefixPattern } from '../../contracts/ids.ts';
import { CliError, UsageError } from '../cli-error.ts';
import { formatListedCommand } from './job-rows.ts';

/** The maximum number of pages that are searched for the beginning of an id; a page has 500 jobs. */
const maxPages = 40;

/**
 * Returns the job with an id, or with an id that begins with these digits, of which there must be at least four. `job-` can be omitted.
 * @throws CliError if there is no such job, or several match
 */
export const findJob = async (jobs: Jobs, text: string): Promise<Job> => {
  const [, digits] = /^(?:job-)?([0-9a-f]{4,32})$/.exec(text.trim().toLowerCase()) ?? [];
  if (digits === undefined)
    throw new UsageError(
      `Expected the id of a job, or at least its first four digits, received ${JSON.stringify(text)}.`,
    );
  if (digits.length === 32) {
    const job = await jobs.get(`job-${digits}`);
    if (job) return job;
    throw new CliError('notFound', `There is no job job-${digits}.`);
  }
  const [found, ...others] = await findByPrefix(jobs, digits);
  if (!found) throw new CliError('notFound', `There is no job whose id begins with ${digits}.`);
  if (others.length === 0) return found;
  const list = [found, ...others].slice(0, 5).map((job) => `\n  ${job.id}  ${formatListedCommand(job)}`);
  throw new CliError(
    'notFound',
    `The ids of several jobs begin with ${digits}. Enter more digits:${list.join('')}`,
  );
};

const findByPrefix = async (jobs: Jobs, digits: string): Promise<Job[]> => {
  const idPrefix = `job-${digits}`;
  // The orchestrator finds long prefixes itself. Older versions ignore them.
  const filter = { top: 500, ...(jobIdOrPrefixPattern.test(idPrefix) && { idPrefix }) };
  const found: Job[] = [];
  let next: string | undefined;
  for (let pages = 0; pages < maxPages; pages += 1) {
    const page = await jobs.page({ ...filter, ...(next === undefined ? {} : { continue: next }) });
    found.push(...page.jobs.filter(({ id }) => id.startsWith(idPrefix)));
    if (page.continue === null) break;
    next = page.continue;
  }
  return found;
};

import type { Job, Jobs } from '../../compute/client/index.ts';
import type { JobState } from '../../contracts/job.ts';
import { exitCodes } from '../exit-codes.ts';
import { buildJobRows } from '../jobs/job-rows.ts';
import { withOrchestrator, type ConnectionOptions } from '../orchestrator/connect.ts';
import { printJson, printRemark, printTable } from '../print.ts';

export type ListJobsOptions = ConnectionOptions & {
  state?: JobState[];
  kind?: Job['kind'];
  since?: string;
  thread?: string;
  repository?: string;
  limit: number;
  json?: true;
};

/** `coxswain jobs`: lists jobs, newest first. */
export const listJobs = (options: ListJobsOptions): Promise<number> =>
  withOrchestrator(options, async ({ jobs }) => {
    const { now, found, hasMore } = await readJobs(jobs, options);
    if (options.json) printJson({ v: 1, now, jobs: found, more: hasMore });
    else if (found.length === 0) printRemark('No jobs match.');
    else printTable(buildJobRows(found, now));
    if (hasMore && !options.json) printRemark('There are older jobs. To see more, use --limit or --since.');
    return exitCodes.ok;
  });

const pageSize = 500;

/** Reads pages until there are enough jobs of the kind, which the orchestrator does not filter by. */
const readJobs = async (jobs: Jobs, { kind, limit, state, ...filter }: ListJobsOptions) => {
  const { since, thread, repository } = filter;
  const given = Object.entries({ states: state, since, thread, repository }).filter(
    ([, value]) => value !== undefined,
  );
  const found: Job[] = [];
  let next: string | null = null;
  for (;;) {
    const top = kind === undefined ? Math.min(pageSize, limit - found.length + 1) : pageSize;
    const page = await jobs.page({
      top,
      ...Object.fromEntries(given),
      ...(next === null ? {} : { continue: next }),
    });
    found.push(...page.jobs.filter((job) => kind === undefined || job.kind === kind));
    next = page.continue;
    if (found.length > limit || next === null)
      return { now: page.now, found: found.slice(0, limit), hasMore: found.length > limit };
  }
};

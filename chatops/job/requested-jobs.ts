import * as v from 'valibot';
import type { Job, Jobs } from '../../compute/client/index.ts';
import type { Command, CommandItem } from '../command/index.ts';
import { scopeOf } from '../scope.ts';
import { isAskedFor, TaskView, type Asking } from './verify-job.ts';
import { jobIdOf } from './job-request.ts';
import { shownForm } from './format-command.ts';
import { isMasked } from './job-values.ts';
import { vouchFor } from './trusted-origin.ts';

/**
 * Finds the jobs of a comment by the text of the comment, not by the claims of jobs: each job has the id of one of the commands, does
 * what that command says, and is shown as that command, regardless of who started it.
 */
export const jobsAskedBy = async (
  items: readonly CommandItem[],
  comment: Asking,
  jobs: Pick<Jobs, 'get'>,
): Promise<Job[]> => {
  const found: Job[] = [];
  for (const [index, item] of items.entries()) {
    if (item.kind !== 'command') continue;
    const { command, key } = item;
    const job = await jobs.get(jobIdOf(command, comment), scopeOf(comment));
    if (!job || !isAskedFor(job, command, comment) || job.origin.command !== shownAs(command, job)) continue;
    const { origin } = job;
    const place = origin.comment && { comment: { ...origin.comment, key, index } };
    found.push(vouchFor({ ...job, origin: { ...origin, ...place } }));
  }
  return found;
};

/** Returns a command with the same values masked as in its job. */
const shownAs = (command: Command, { request }: Job): string => {
  const task = v.safeParse(TaskView, request);
  const masked = task.success ? task.output.parameters.filter(({ value }) => isMasked(value)) : [];
  return shownForm(
    command,
    masked.map(({ name, value }) => ({ name, value, shown: value, source: 'given' })),
  );
};

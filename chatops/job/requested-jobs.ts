import * as v from 'valibot';
import type { Job, Jobs, Origin } from '../../compute/client/index.ts';
import type { Command, CommandItem } from '../command/index.ts';
import { toScope } from '../incoming-comment.ts';
import { isRequestedJob, TaskRequestView, type JobSource } from './verify-job.ts';
import { deriveJobId } from './job-request.ts';
import { formatRedactedCommand } from './format-command.ts';
import { isMasked } from './job-values.ts';
import { trustOrigin } from './trusted-origin.ts';

/**
 * Finds the jobs of a comment by the text of the comment, not by the claims of jobs: each job has the id of one of the commands, does
 * what that command says, and is shown as that command, regardless of who started it.
 */
export const findRequestedJobs = async (
  items: readonly CommandItem[],
  comment: JobSource,
  jobs: Pick<Jobs, 'get'>,
): Promise<Job[]> => {
  const found: Job[] = [];
  for (const [index, item] of items.entries()) {
    if (item.kind !== 'command') continue;
    const { command, key } = item;
    const job = await jobs.get(deriveJobId(command, comment), toScope(comment));
    if (!job || !isRequestedJob(job, command, comment) || job.origin.command !== formatAsInJob(command, job))
      continue;
    const { origin } = job;
    found.push(trustOrigin({ ...job, origin: setPosition(origin, { key, index }) }));
  }
  return found;
};

/** Returns an origin with the position of its command in the comment. */
const setPosition = (origin: Origin, position: { key: string; index: number }): Origin => {
  const { comment, review } = origin;
  if (comment) return { ...origin, comment: { ...comment, ...position } };
  return review ? { ...origin, review: { ...review, ...position } } : origin;
};

/** Returns a command with the same values masked as in its job. */
const formatAsInJob = (command: Command, { request }: Job): string => {
  const task = v.safeParse(TaskRequestView, request);
  const masked = task.success ? task.output.parameters.filter(({ value }) => isMasked(value)) : [];
  return formatRedactedCommand(
    command,
    masked.map(({ name, value }) => ({ name, value, shown: value, source: 'given' })),
  );
};

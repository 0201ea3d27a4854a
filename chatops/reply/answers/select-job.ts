import type { Job } from '../../../compute/client/index.ts';
import { shortenJobId } from '../../../contracts/ids.ts';
import { toCodeSpan } from '../../markdown/untrusted-text.ts';
import { formatTable } from '../../markdown/table.ts';
import { formatExact } from '../exact-text.ts';
import { formatCommand } from '../headline.ts';
import { formatJobLink } from '../job-link.ts';
import { formatTime } from '../time.ts';
import { renderRefusal } from './refusal.ts';

/** Lists the jobs that a command matches, with the command for each: with the whole id if another job of the list has the same short one. */
export const renderAmbiguousJob = (command: string, jobs: readonly Job[]): string => {
  const isUnique = new Set(jobs.map(({ id }) => shortenJobId(id))).size === jobs.length;
  const rows = jobs
    .slice(0, 20)
    .map((job) => [
      toCodeSpan(`${command} ${isUnique ? shortenJobId(job.id) : job.id}`),
      formatExact(formatCommand(job), 150),
      formatTime(job.createdAt),
      formatJobLink(job),
    ]);
  return [
    renderRefusal(command, 'matches several jobs, so nothing was done. Write one of these in a new comment:'),
    formatTable(['Write', 'Command', 'Since', 'Job'], rows),
    ...(jobs.length > 20 ? [`and ${jobs.length - 20} more.`] : []),
  ].join('\n\n');
};

/** Reports that no job matches the command. @param reason our own text */
export const renderNothingToDo = (command: string, reason: string): string =>
  renderRefusal(command, `found nothing to do: ${reason}.`);

/** Reports that there is no such job. A job of another repository gets the same answer. */
export const renderJobNotFound = (command: string, id: string): string =>
  renderRefusal(command, `found no job ${toCodeSpan(id, 60)} in this repository.`);

import { formatCommand, formatRequest } from '../../chatops/reply/headline.ts';
import type { Job } from '../../compute/client/index.ts';
import { formatDuration } from '../../contracts/duration.ts';
import { toPrintable } from '../thread/terminal-text.ts';
import { toShortId } from '../../contracts/ids.ts';

const header = ['Job', 'State', 'Command', 'Thread', 'Created'];

/** Returns the command of a job in one line, for a list. */
export const formatListedCommand = (job: Job): string => {
  const text = job.origin.command === undefined ? formatRequest(job) : formatCommand(job);
  const line = toPrintable(text).replaceAll(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
};

/** Returns a table of jobs, with its header. @param now the orchestrator's clock, ISO 8601 */
export const buildJobRows = (jobs: readonly Job[], now: string): string[][] => [
  header,
  ...jobs.map((job) => [
    toShortId(job.id),
    formatState(job),
    formatListedCommand(job),
    formatThread(job),
    formatAge(job.createdAt, now),
  ]),
];

const formatState = ({ state, progress, waiting, launch }: Job): string => {
  if (state === 'running' && progress) return `running ${progress.done}/${progress.total}`;
  if (state === 'running' && launch) return 'starting';
  return state === 'waiting' && waiting ? `waiting for ${waiting.for}` : state;
};

const formatThread = ({ origin: { repository, thread } }: Job): string =>
  thread ? toPrintable(`${repository?.name ?? ''}#${thread.number}`) : '';

const formatAge = (created: string, now: string): string =>
  `${formatDuration(Math.max(0, Date.parse(now) - Date.parse(created)) / 1000)} ago`;

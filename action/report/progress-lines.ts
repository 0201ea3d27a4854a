import { describeLaunch } from '../../chatops/reply/launch.ts';
import { formatProgressDetails, formatCounts } from '../../chatops/reply/progress.ts';
import { formatJobName } from './annotate.ts';
import type { Job } from '../../compute/client/index.ts';
import { info } from './log.ts';

/** The minimum time between two lines, in milliseconds: with new progress, and without. */
const intervals = { moving: 10_000, still: 60_000 };

/** Returns a function that prints a job's state when it changes, and its progress at intervals. @param named whether lines start with the job's name */
export const createProgressPrinter = (
  named: boolean,
  now: () => number = () => performance.now(),
): ((job: Job) => void) => {
  let last = { at: -Infinity, state: '', text: '' };
  return (job) => {
    const text = formatProgress(job);
    const spent = now() - last.at;
    const isDue = text === last.text ? spent >= intervals.still : spent >= intervals.moving;
    if (job.state === last.state && !isDue) return;
    last = { at: now(), state: job.state, text };
    const line = job.state === 'running' ? [text, ...formatProgressDetails(job)].join(' · ') : text;
    info(named ? `${formatJobName(job)}: ${line}` : line);
  };
};

const formatProgress = (job: Job): string =>
  describeLaunch(job) ??
  (job.progress && job.state !== 'queued' && job.state !== 'waiting'
    ? `${job.state}: ${formatCounts(job)}`
    : job.state);

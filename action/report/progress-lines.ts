import { besideProgress, counts } from '../../chatops/reply/progress.ts';
import { nameOf } from './annotate.ts';
import type { Job } from '../../compute/client/index.ts';
import { info } from './log.ts';

/** How long a job that gets on is silent between two lines, in milliseconds; and one that does not. */
const interval = { moving: 10_000, still: 60_000 };

/** Prints a line for a job where its state changes, and now and then between. @param named whether it begins with the job's name */
export const progressLines = (
  named: boolean,
  now: () => number = () => performance.now(),
): ((job: Job) => void) => {
  let last = { at: -Infinity, state: '', text: '' };
  return (job) => {
    const text = progressText(job);
    const spent = now() - last.at;
    const isDue = text === last.text ? spent >= interval.still : spent >= interval.moving;
    if (job.state === last.state && !isDue) return;
    last = { at: now(), state: job.state, text };
    const line = job.state === 'running' ? [text, ...besideProgress(job)].join(' · ') : text;
    info(named ? `${nameOf(job)}: ${line}` : line);
  };
};

const progressText = ({ state, progress }: Job): string =>
  progress && state !== 'queued' && state !== 'waiting' ? `${state}: ${counts(progress)}` : state;

import type { Job } from '../../../compute/client/index.ts';
import type { Cancellation } from '../../job/index.ts';
import { named, whereShown } from '../headline.ts';
import { lookOf } from '../state-labels.ts';
import { jobNotFound, nothingToDo } from './status.ts';
import { refused } from './refusal.ts';

/** What became of a `/cancel`, or that it meant no job. */
export const canceled = (
  done: Cancellation | { outcome: 'not-found'; id: string } | { outcome: 'nothing-runs' },
): string => {
  if (done.outcome === 'nothing-runs')
    return nothingToDo('/cancel', 'no job of this thread was running or waiting');
  if (done.outcome === 'not-found') return jobNotFound('/cancel', done.id);
  if (done.outcome === 'stopping')
    return `🛑 **\`/cancel\`** stops ${named(done.job)}. ${whereShown(done.job)} shows how far it came.`;
  const { emoji, words } = lookOf(done.job.state);
  return refused('/cancel', `came too late: ${named(done.job)} ${words}. ${emoji}`);
};

const whyNot = {
  running: 'has not ended yet. Cancel it first, or wait.',
  completed: 'completed, so there is nothing to run again. To have it once more, write its command again.',
  secret: 'had secret parameters, which are kept nowhere. Write its command again, with them.',
  gone: 'ran a task that is not in the catalogue any more.',
} as const;

/** A job that is not run again, and what to do about it. */
export const notRetried = (command: string, job: Job, why: keyof typeof whyNot): string =>
  refused(command, `started nothing: ${named(job)} ${whyNot[why]}`);

import { listingOf } from '../../chatops/sweep/comment-listing.ts';
import { unanswered } from '../../chatops/sweep/find-unanswered.ts';
import { JobWatch } from '../../compute/client/job-watch.ts';
import { persistently } from '../retry.ts';
import { portsOf } from '../ports.ts';
import type { Step } from '../step/step.ts';
import { answerMissedComments } from './missed-comments.ts';
import { EndsEarly, heeding } from './rate-limit.ts';
import { bringRepliesUpToDate } from './outdated-replies.ts';
import { Tally } from './sweep-report.ts';
import { warning } from '../report/log.ts';

/**
 * Makes up for runs that never came or died: answers the comments that nobody has answered, and brings replies up to date. The
 * jobs that it starts are for the next sweep to follow.
 * @returns the step's exit code
 * @throws the fault of reading; of writing, if nothing at all may be written
 */
export const sweep = async (step: Step): Promise<number> => {
  const { host, repository, page } = step.runner;
  const stop = step.stop.signal;
  const ports = await portsOf(step);
  const tally = new Tally({ page, stop });
  const read = <T>(call: () => Promise<T>): Promise<T> =>
    persistently(() => heeding(call), { stop, tell: warning });
  let isWhole = true;
  try {
    // All is read before anything is written: what cannot be reached ends the sweep here.
    const { now, jobs } = await read(() => new JobWatch(ports.jobs).look(true));
    const listing = await read(() => listingOf(repository, ports.octokit, ports.identity));
    const missed = await read(() => unanswered(listing, repository, ports));
    const swept = { host, repository, listing, ports, tally };
    await answerMissedComments(missed, swept);
    await bringRepliesUpToDate(jobs, now, swept);
  } catch (fault) {
    if (!(fault instanceof EndsEarly)) throw fault;
    warning(fault.message);
    isWhole = false;
  }
  await tally.close(isWhole);
  return 0;
};

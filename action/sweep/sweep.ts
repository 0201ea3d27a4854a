import { listRecentComments } from '../../chatops/sweep/comment-listing.ts';
import { endLocksOfClosedThreads } from '../../chatops/sweep/end-locks.ts';
import { findUnanswered } from '../../chatops/sweep/find-unanswered.ts';
import { JobWatch } from '../../compute/client/job-watch.ts';
import { retryCall } from '../retry.ts';
import { openPorts } from '../ports.ts';
import type { ActionStep } from '../step/step.ts';
import { answerMissedComments } from './missed-comments.ts';
import { refreshReplies } from './outdated-replies.ts';
import { stopOnRateLimit, SweepReport, SweepStoppedError } from './sweep-report.ts';
import { info, warning } from '../report/log.ts';

/**
 * Repairs runs that are missing or were killed: answers unanswered comments and updates replies. Releases the locks that end with closed
 * threads. It does not follow the jobs that it starts; the next sweep updates their replies.
 * @returns the step's exit code
 * @throws the error of a read; the error of a write if every write was denied
 */
export const sweep = async (step: ActionStep): Promise<number> => {
  const { host, repository, page } = step.runner;
  const { signal } = step.deadline;
  const ports = await openPorts(step);
  const report = new SweepReport({ page, signal });
  const read = <T>(call: () => Promise<T>): Promise<T> =>
    retryCall(() => stopOnRateLimit(call), { signal, onRetry: warning });
  let isWhole = true;
  try {
    // Everything is read before the first write, so an unreachable service ends the sweep here.
    const { now, jobs } = await read(() => new JobWatch(ports.jobs).poll('all'));
    const listing = await read(() => listRecentComments(repository, ports.octokit, ports.identity));
    const missedComments = await read(() => findUnanswered(listing, repository, ports));
    const context = { host, repository, listing, ports, report };
    await answerMissedComments(missedComments, context);
    await refreshReplies(jobs, now, context);
    const { octokit, locks } = ports;
    const { released } = await read(() => endLocksOfClosedThreads({ host, repository, octokit, locks }));
    if (released.length > 0) info(`Ended the locks of closed threads: ${released.join(', ')}`);
  } catch (fault) {
    if (!(fault instanceof SweepStoppedError)) throw fault;
    warning(fault.message);
    isWhole = false;
  }
  await report.close(isWhole);
  return 0;
};

import { getStateLabel } from '../../chatops/reply/state-labels.ts';
import type { Job, Jobs } from '../../compute/client/index.ts';
import { exponentialDelay } from '../../runtime/async/backoff.ts';
import { sleep } from '../../runtime/async/clock.ts';
import { retryCall } from '../retry.ts';

/** The delays between two polls, in milliseconds. */
const pollDelays = { minMilliseconds: 500, maxMilliseconds: 15_000, factor: 1.5 };

export type PollJobOptions = {
  jobs: Pick<Jobs, 'get'>;
  /** If false, the job is read once. */
  wait: boolean;
  /** Ends the polling before the job has ended. */
  signal: AbortSignal;
  /** How long a waiting job is polled before it counts as waiting, in milliseconds: its approval or lock may have just come. */
  settleMilliseconds?: number;
  /** Called with each view of the job. */
  onView: (job: Job) => Promise<void>;
  onRetry: (message: string) => void;
};

/**
 * Polls a job until it has ended, waits for an approval or a lock, or `signal` is aborted.
 * @returns its last view
 * @throws Error if the orchestrator does not know it; the error of a call that cannot be retried
 */
export const pollJob = async (
  id: string,
  { jobs, wait, signal, onView, onRetry, settleMilliseconds = 0 }: PollJobOptions,
): Promise<Job> => {
  const settledAt = performance.now() + settleMilliseconds;
  let last: Job | undefined;
  for (let polls = 0; ; polls += 1) {
    const job = await retryCall(() => jobs.get(id), { signal, onRetry }).catch((fault: unknown) => {
      // No further poll is possible, so the last view is the result.
      if (last && signal.aborted) return last;
      throw fault;
    });
    if (!job) throw new Error(`The orchestrator does not know ${id}`);
    last = job;
    await onView(job);
    const isWaiting = job.state === 'waiting' && performance.now() >= settledAt;
    if (!wait || signal.aborted || getStateLabel(job).end !== undefined || isWaiting) return job;
    await sleep(exponentialDelay(polls, pollDelays), { signal });
  }
};

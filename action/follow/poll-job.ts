import { getStateLabel } from '../../chatops/reply/state-labels.ts';
import type { Job, Jobs } from '../../compute/client/index.ts';
import { backoffDelays, pause, retry } from '../retry.ts';

/** Between two looks at a job, in milliseconds. */
const pollDelays = { first: 500, maxDelay: 15_000 };

export type PollJobOptions = {
  jobs: Pick<Jobs, 'get'>;
  /** If not, the first look is the last. */
  wait: boolean;
  /** Ends it before the job has ended. */
  signal: AbortSignal;
  /** For so long a job that waits is given the time to go on, in milliseconds: what it waited for has just come. */
  settleMilliseconds?: number;
  /** Called with each view of the job. */
  onView: (job: Job) => Promise<void>;
  onRetry: (message: string) => void;
};

/**
 * Looks at a job until it has ended, waits for somebody or something, or `stop` is aborted.
 * @returns its last view
 * @throws Error if the orchestrator does not know it; the fault of a call that does not pass
 */
export const pollJob = async (
  id: string,
  { jobs, wait, signal, onView, onRetry, settleMilliseconds = 0 }: PollJobOptions,
): Promise<Job> => {
  const settledAt = performance.now() + settleMilliseconds;
  const delays = backoffDelays(pollDelays);
  let last: Job | undefined;
  for (;;) {
    const job = await retry(() => jobs.get(id), { signal, onRetry }).catch((fault: unknown) => {
      // There is to be no further look: the last one counts.
      if (last && signal.aborted) return last;
      throw fault;
    });
    if (!job) throw new Error(`The orchestrator does not know ${id}`);
    last = job;
    await onView(job);
    const isWaiting = job.state === 'waiting' && performance.now() >= settledAt;
    if (!wait || signal.aborted || getStateLabel(job.state).end !== undefined || isWaiting) return job;
    await pause(delays.next().value, signal);
  }
};

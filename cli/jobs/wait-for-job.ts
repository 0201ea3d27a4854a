import type { Job, Jobs } from '../../compute/client/index.ts';
import { hasEnded } from '../../contracts/job.ts';
import { exponentialDelay } from '../../runtime/async/backoff.ts';
import { sleep } from '../../runtime/async/clock.ts';
import { CliError } from '../cli-error.ts';
import { retryTransient } from '../orchestrator/retry-transient.ts';

type WaitOptions = {
  /** Called with each view of the job that differs from the last. */
  onChange?: (job: Job) => void;
  /** The maximum time to wait, in seconds; without a limit by default. */
  limitSeconds?: number | undefined;
};

const pollDelays = { minMilliseconds: 300, maxMilliseconds: 3_000, factor: 1.3 };

/** Polls a job until it has ended, through failures of the network. @throws CliError if it is gone, or the limit has passed */
export const waitForJob = async (
  jobs: Jobs,
  id: string,
  { onChange = () => {}, limitSeconds = Infinity }: WaitOptions = {},
): Promise<Job> => {
  const start = performance.now();
  let before = '';
  for (let quiet = 0; ; quiet += 1) {
    const job = await retryTransient(() => jobs.get(id));
    if (!job) throw new CliError('notFound', `The job ${id} no longer exists.`);
    const view = JSON.stringify([job.state, job.waiting, job.progress?.done]);
    if (view !== before) {
      onChange(job);
      quiet = 0;
    }
    before = view;
    if (hasEnded(job.state)) return job;
    if (performance.now() - start > limitSeconds * 1000)
      throw new CliError('timeout', `The job ${id} has not ended after ${limitSeconds} s. It continues.`);
    await sleep(exponentialDelay(quiet, pollDelays));
  }
};

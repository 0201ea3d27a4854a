import type { Jobs } from '../../compute/client/index.ts';
import { retryCall } from '../retry.ts';
import type { ActionPorts } from '../ports.ts';
import type { ActionStep } from '../step/step.ts';
import { warning } from '../report/log.ts';

/** How long a cancellation is retried, in milliseconds: the runner kills a canceled step after 10 s. */
const retryMilliseconds = 5_000;

/** Cancels a job, with retries until `signal` is aborted. @returns the outcome, to be printed after the job's name. Never rejects */
export const cancelJob = async (
  id: string,
  { runner }: Pick<ActionStep, 'runner'>,
  jobs: Pick<Jobs, 'cancel'>,
  signal = AbortSignal.timeout(retryMilliseconds),
): Promise<string> => {
  try {
    const answer = await retryCall(
      () => jobs.cancel(id, runner.triggeringActor, `${runner.host}/${runner.repository.id}`),
      { signal, onRetry: warning },
    );
    return answer === 'accepted'
      ? 'was canceled'
      : answer === 'ended'
        ? 'has already ended'
        : 'was not found';
  } catch (fault) {
    return `could not be canceled and may continue (${(fault as Error).message})`;
  }
};

/** Runs the work of a step. If it fails because the step must end, cancels the started jobs, unless `cancel-on-abort` is `false`. */
export const withCancelOnAbort = async <T>(
  step: ActionStep,
  { jobs }: Pick<ActionPorts, 'jobs'>,
  work: () => Promise<T>,
): Promise<T> => {
  try {
    return await work();
  } catch (fault) {
    const { inputs, trackedJobs, deadline } = step;
    if (deadline.signal.aborted && inputs['cancel-on-abort'])
      await Promise.all(
        trackedJobs.ids.map(async (id) => warning(`${id} ${await cancelJob(id, step, jobs)}.`)),
      );
    throw fault;
  }
};

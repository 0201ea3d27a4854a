import type { Jobs } from '../../compute/client/index.ts';
import { retry } from '../retry.ts';
import type { ActionPorts } from '../ports.ts';
import type { ActionStep } from '../step/step.ts';
import { warning } from '../report/log.ts';

/** How long a cancel is tried again, in milliseconds: the runner ends a canceled step after 10 s. */
const retryMilliseconds = 5_000;

/** Cancels a job, or tries to until `stop` is aborted. @returns what came of it, to be told after its name. Never rejects */
export const cancelJob = async (
  id: string,
  { runner }: Pick<ActionStep, 'runner'>,
  jobs: Pick<Jobs, 'cancel'>,
  signal = AbortSignal.timeout(retryMilliseconds),
): Promise<string> => {
  try {
    const answer = await retry(
      () => jobs.cancel(id, runner.triggeringActor, `${runner.host}/${runner.repository.id}`),
      { signal, onRetry: warning },
    );
    return answer === 'accepted' ? 'is canceled' : answer === 'ended' ? 'has ended' : 'is not known';
  } catch (fault) {
    return `may go on, for it could not be canceled (${(fault as Error).message})`;
  }
};

/** Does the work of a step. Where it fails because the step has to end, the jobs that it has started are canceled, if they are to. */
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

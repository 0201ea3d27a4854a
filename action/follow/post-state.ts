import { saveState } from '@actions/core';
import type { Jobs } from '../../compute/client/index.ts';

/* The jobs that a step follows, as its post step is told: by the runner, which gives it our state as variables of this form. */

const stateVariable = /^STATE_(job-[0-9a-f]{32})$/;

/** The jobs that are canceled with the workflow. */
export class TrackedJobs {
  readonly #ids = new Set<string>();

  get ids(): readonly string[] {
    return [...this.#ids];
  }

  /** From now on a cancel of the workflow is one of the job too. */
  track(job: string): void {
    this.#ids.add(job);
    saveState(job, 'followed');
  }

  /** The job is left to itself. */
  untrack(job: string): void {
    this.#ids.delete(job);
    saveState(job, '');
  }
}

/** The same jobs, each of which is kept before it is started: the step may end before it has heard that it was. */
export const trackStartedJobs = (jobs: Jobs, tracked: TrackedJobs): Jobs => ({
  ...jobs,
  start: async (request) => {
    const { jobId } = request;
    if (jobId === undefined) return jobs.start(request);
    tracked.track(jobId);
    const answer = await jobs.start(request);
    const id = 'id' in answer ? answer.id : undefined;
    if (id !== undefined) tracked.track(id);
    if (id !== jobId) tracked.untrack(jobId);
    return answer;
  },
});

/** The jobs that were kept, and not let go. */
export const readTrackedJobs = (environment: NodeJS.ProcessEnv): string[] =>
  Object.entries(environment).flatMap(([name, value]) => {
    const job = stateVariable.exec(name)?.[1];
    return job !== undefined && value ? [job] : [];
  });

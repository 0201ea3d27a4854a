import { saveState } from '@actions/core';
import type { Jobs } from '../../compute/client/index.ts';

/* Passes the followed jobs to the post step. The runner provides saved state as environment variables of this form. */

const stateVariable = /^STATE_(job-[0-9a-f]{32})$/;

/** The jobs to cancel if the workflow is canceled. */
export class TrackedJobs {
  readonly #ids = new Set<string>();

  get ids(): readonly string[] {
    return [...this.#ids];
  }

  /** Adds a job. */
  track(job: string): void {
    this.#ids.add(job);
    saveState(job, 'followed');
  }

  /** Removes a job, which then continues after a cancellation. */
  untrack(job: string): void {
    this.#ids.delete(job);
    saveState(job, '');
  }
}

/** Returns a client that tracks each job before it starts it: the step may end before the start is confirmed. */
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

/** Returns the jobs that the step tracked and did not untrack. */
export const readTrackedJobs = (environment: NodeJS.ProcessEnv): string[] =>
  Object.entries(environment).flatMap(([name, value]) => {
    const job = stateVariable.exec(name)?.[1];
    return job !== undefined && value ? [job] : [];
  });

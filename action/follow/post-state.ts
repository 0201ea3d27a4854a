import { saveState } from '@actions/core';
import type { Jobs } from '../../compute/client/index.ts';

/* The jobs that a step follows, as its post step is told: by the runner, which gives it our state as variables of this form. */

const variable = /^STATE_(job-[0-9a-f]{32})$/;

/** The jobs that are canceled with the workflow. */
export class Kept {
  readonly #ids = new Set<string>();

  get ids(): readonly string[] {
    return [...this.#ids];
  }

  /** From now on a cancel of the workflow is one of the job too. */
  keep(job: string): void {
    this.#ids.add(job);
    saveState(job, 'followed');
  }

  /** The job is left to itself. */
  letGo(job: string): void {
    this.#ids.delete(job);
    saveState(job, '');
  }
}

/** The same jobs, each of which is kept before it is started: the step may end before it has heard that it was. */
export const keeping = (jobs: Jobs, kept: Kept): Jobs => ({
  ...jobs,
  start: async (request) => {
    const { jobId } = request;
    if (jobId === undefined) return jobs.start(request);
    kept.keep(jobId);
    const answer = await jobs.start(request);
    const id = 'id' in answer ? answer.id : undefined;
    if (id !== undefined) kept.keep(id);
    if (id !== jobId) kept.letGo(jobId);
    return answer;
  },
});

/** The jobs that were kept, and not let go. */
export const keptJobs = (environment: NodeJS.ProcessEnv): string[] =>
  Object.entries(environment).flatMap(([name, value]) => {
    const job = variable.exec(name)?.[1];
    return job !== undefined && value ? [job] : [];
  });

import { saveState } from '@actions/core';

/* The jobs that a step follows, as its post step is told: by the runner, which gives it our state as variables of this form. */

const variable = /^STATE_(job-[0-9a-f]{32})$/;

/** From now on a cancel of the workflow is one of the job too. */
export const keep = (job: string): void => saveState(job, 'followed');

/** The job is left to itself. */
export const letGo = (job: string): void => saveState(job, '');

/** The jobs that were kept, and not let go. */
export const keptJobs = (environment: NodeJS.ProcessEnv): string[] =>
  Object.entries(environment).flatMap(([name, value]) => {
    const job = variable.exec(name)?.[1];
    return job !== undefined && value ? [job] : [];
  });

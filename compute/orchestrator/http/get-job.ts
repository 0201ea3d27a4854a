import type { GuardedRoute } from '../auth/guard.ts';
import { buildJobView, type JobViewOptions } from '../view/job-view.ts';
import { toJsonResponse, toBadRequest, toUnknownJob } from './answers.ts';
import { findNamedJob } from './named-job.ts';

/** `GET /api/jobs/{id}`: one job. */
export const getJob = (options: JobViewOptions): GuardedRoute => ({
  name: 'GetJob',
  method: 'GET',
  path: 'jobs/{id}',
  needs: 'read',
  handle: async (httpRequest, { id = '' }, client, caller) => {
    const named = await findNamedJob(httpRequest, id, client);
    if (!named.ok) return toBadRequest(named.problem);
    const job = named.value;
    return job
      ? toJsonResponse(200, await buildJobView(client, job, { ...options, caller }))
      : toUnknownJob(id);
  },
});

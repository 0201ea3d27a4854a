import type { GuardedRoute } from '../auth/guard.ts';
import { jobView, type ViewOptions } from '../view/job-view.ts';
import { json, refused, unknownJob } from './answers.ts';
import { namedJob } from './named-job.ts';

/** `GET /api/jobs/{id}`: one job. */
export const getJob = (options: ViewOptions): GuardedRoute => ({
  name: 'GetJob',
  method: 'GET',
  path: 'jobs/{id}',
  needs: 'read',
  handle: async (httpRequest, { id = '' }, client, caller) => {
    const named = await namedJob(httpRequest, id, client);
    if (!named.ok) return refused(named.problem);
    const job = named.value;
    return job ? json(200, await jobView(client, job, { ...options, caller })) : unknownJob(id);
  },
});

import type { GuardedRoute } from '../access/guard.ts';
import { jobInstance } from '../view/job-instance.ts';
import { jobView, type ViewOptions } from '../view/job-view.ts';
import { json, unknownJob } from './answers.ts';

/** `GET /api/jobs/{id}`: one job. */
export const getJob = (options: ViewOptions): GuardedRoute => ({
  name: 'GetJob',
  method: 'GET',
  path: 'jobs/{id}',
  needs: 'read',
  handle: async (_request, { id = '' }, client) => {
    const status = await client.status(id);
    const job = status && jobInstance(status);
    return job ? json(200, await jobView(client, job, options)) : unknownJob(id);
  },
});

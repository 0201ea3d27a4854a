import type { Route } from '../durable.ts';
import { jobInstance } from '../view/job-instance.ts';
import { jobView, type ViewOptions } from '../view/job-view.ts';
import { json, unknownJob } from './answers.ts';

/** `GET /api/jobs/{id}`: one job. */
export const getJob = (options: ViewOptions): Route => ({
  name: 'GetJob',
  method: 'GET',
  path: 'jobs/{id}',
  handle: async (_request, { id = '' }, client) => {
    const status = await client.status(id);
    const job = status && jobInstance(status);
    return job ? json(200, await jobView(client, job, options)) : unknownJob(id);
  },
});

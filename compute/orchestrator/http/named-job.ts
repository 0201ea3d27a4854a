import { LockScope } from '../../../contracts/conditions.ts';
import { read, type Read } from '../../../contracts/problem.ts';
import * as v from 'valibot';
import type { CallerClient } from '../auth/caller-client.ts';
import { jobInstance, type JobInstance } from '../job/job-instance.ts';

const Query = v.object({ scope: v.optional(LockScope) });

/**
 * Returns the job in a path; undefined if the caller has no such job. If several origins have a job under the id,
 * `?scope=<host>/<repository id>` selects one; its own id may be different.
 */
export const namedJob = async (
  request: Request,
  id: string,
  client: CallerClient,
): Promise<Read<JobInstance | undefined>> => {
  const query = read(Query, { scope: new URL(request.url).searchParams.get('scope') ?? undefined });
  if (!query.ok) return query;
  const { scope } = query.value;
  const status = await (scope === undefined ? client.status(id) : client.jobOf(id, scope));
  return { ok: true, value: status && jobInstance(status) };
};

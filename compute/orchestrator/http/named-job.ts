import { LockScope } from '../../formats/conditions.ts';
import { read, type Read } from '../../formats/problem.ts';
import * as v from 'valibot';
import type { CallerClient } from '../access/client.ts';
import { jobInstance, type JobInstance } from '../view/job-instance.ts';

const Query = v.object({ scope: v.optional(LockScope) });

/**
 * The job that a path names; undefined if the caller has none there. `?scope=<host>/<repository id>` says whose job is meant, where
 * several origins have one under the same id: the answer's own id may be another one.
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

import * as v from 'valibot';
import { LockScope } from '../../../contracts/conditions.ts';
import { parseInput, type ParseResult } from '../../../contracts/problem.ts';
import type { CallerClient } from '../auth/guard.ts';
import { parseJobInstance, type JobInstance } from '../job/job-instance.ts';

const ScopeQuery = v.object({ scope: v.optional(LockScope) });

/**
 * Returns the job that a path names; undefined if the caller has no such job. If several origins have a job under the id,
 * `?scope=<host>/<repository id>` selects one, whose own id may be different.
 */
export const findNamedJob = async (
  request: Request,
  id: string,
  client: CallerClient,
): Promise<ParseResult<JobInstance | undefined>> => {
  const query = parseInput(ScopeQuery, {
    scope: new URL(request.url).searchParams.get('scope') ?? undefined,
  });
  if (!query.ok) return query;
  const { scope } = query.value;
  const status = await (scope === undefined ? client.status(id) : client.findJob(id, scope));
  return { ok: true, value: status && parseJobInstance(status) };
};

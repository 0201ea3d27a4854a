import * as v from 'valibot';
import type { JobLog } from '../../../contracts/job.ts';
import { logPath } from '../../../contracts/blob-paths.ts';
import { parseInput, rejectField } from '../../../contracts/problem.ts';
import { integerInRange } from '../../../contracts/json-values.ts';
import type { Blobs } from '../../storage/port.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { decodeLastLines } from '../log-end.ts';
import { toJsonResponse, toProblemResponse, toBadRequest, toUnknownJob } from './answers.ts';
import { findNamedJob } from './named-job.ts';

const LogQuery = v.object({ bytes: v.optional(integerInRange(1, 262_144), 16_384) });

/** `GET /api/jobs/{id}/log?bytes=`: the end of a task's log, while it runs and after, in whole lines. */
export const getJobLog = ({ blobs }: { blobs: Blobs }): GuardedRoute => ({
  name: 'JobLog',
  method: 'GET',
  path: 'jobs/{id}/log',
  needs: 'read',
  handle: async (httpRequest, { id = '' }, client) => {
    const query = parseInput(LogQuery, {
      bytes: new URL(httpRequest.url).searchParams.get('bytes') ?? undefined,
    });
    if (!query.ok) return toBadRequest(query.problem);
    const named = await findNamedJob(httpRequest, id, client);
    if (!named.ok) return toBadRequest(named.problem);
    const job = named.value;
    if (!job) return toUnknownJob(id);
    const end = await blobs.getTail(logPath(job.id), query.value.bytes);
    if (!end) return toNoLog(id);
    const truncated = end.length > end.body.length;
    const text = decodeLastLines(end.body, truncated);
    return toJsonResponse(200, { v: 1, id: job.id, text, bytes: end.length, truncated } satisfies JobLog);
  },
});

const toNoLog = (id: string): Response =>
  toProblemResponse(404, rejectField('id', 'the id of a job that has a log', id, 'no-log').problem);

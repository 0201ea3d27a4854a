import * as v from 'valibot';
import type { JobLog } from '../../../contracts/job.ts';
import { logPath } from '../../../contracts/blob-paths.ts';
import { read, unexpected } from '../../../contracts/problem.ts';
import { integer } from '../../../contracts/job-request.ts';
import type { Blobs } from '../../storage/port.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { wholeLines } from '../log-end.ts';
import { json, problemAnswer, refused, unknownJob } from './answers.ts';
import { namedJob } from './named-job.ts';

const Query = v.object({ bytes: v.optional(integer(1, 262_144), 16_384) });

/** `GET /api/jobs/{id}/log?bytes=`: the end of a task's log, while it runs and after, in whole lines. */
export const jobLog = ({ blobs }: { blobs: Blobs }): GuardedRoute => ({
  name: 'JobLog',
  method: 'GET',
  path: 'jobs/{id}/log',
  needs: 'read',
  handle: async (httpRequest, { id = '' }, client) => {
    const query = read(Query, { bytes: new URL(httpRequest.url).searchParams.get('bytes') ?? undefined });
    if (!query.ok) return refused(query.problem);
    const named = await namedJob(httpRequest, id, client);
    if (!named.ok) return refused(named.problem);
    const job = named.value;
    if (!job) return unknownJob(id);
    const end = await blobs.getEnd(logPath(job.id), query.value.bytes);
    if (!end) return noLog(id);
    const truncated = end.length > end.body.length;
    const text = wholeLines(end.body, truncated);
    return json(200, { v: 1, id: job.id, text, bytes: end.length, truncated } satisfies JobLog);
  },
});

const noLog = (id: string): Response =>
  problemAnswer(404, unexpected('id', 'the id of a job that has a log', id, 'no-log').problem);

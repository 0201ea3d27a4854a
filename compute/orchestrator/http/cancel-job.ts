import * as v from 'valibot';
import { rejectField } from '../../../contracts/problem.ts';
import type { Blobs } from '../../storage/port.ts';
import { toCallerName } from '../auth/caller.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { putCancellationMarker, type JobStop } from '../job/cancellation-marker.ts';
import { cancelBatches } from '../job/cancel-batches.ts';
import { isLive } from '../job/instances.ts';
import { toJsonResponse, toProblemResponse, toBadRequest, toUnknownJob } from './answers.ts';
import { parseBody } from '../json.ts';
import { findNamedJob } from './named-job.ts';

const byMessage = 'expected the name of who cancels, at most 200 characters';
const CancelBody = v.object({
  by: v.optional(v.nullable(v.pipe(v.string(byMessage), v.maxLength(200, byMessage))), null),
});

/**
 * `POST /api/jobs/{id}/cancel {"by"}`: puts the job's mark, then tells the job and its batches. 202: the job ends as canceled, unless
 * it was about to end by itself.
 */
export const cancelJob = ({ blobs }: { blobs: Blobs }): GuardedRoute => ({
  name: 'CancelJob',
  method: 'POST',
  path: 'jobs/{id}/cancel',
  needs: 'start',
  handle: async (httpRequest, { id = '' }, client, caller) => {
    const body = await parseBody(CancelBody, httpRequest);
    if (!body.ok) return toBadRequest(body.problem);
    const named = await findNamedJob(httpRequest, id, client);
    if (!named.ok) return toBadRequest(named.problem);
    const job = named.value;
    if (!job) return toUnknownJob(id);
    if (!isLive(job.status)) return toAlreadyEnded(id);
    const stop: JobStop = { reason: 'canceled-by-user', by: body.value.by, via: toCallerName(caller) };
    await putCancellationMarker(blobs, job.id, stop);
    if (!(await client.raiseEvent(job.id, 'Cancel', stop))) return toAlreadyEnded(id);
    await cancelBatches(client, job.id, stop);
    return toJsonResponse(202, { v: 1, id: job.id });
  },
});

const toAlreadyEnded = (id: string): Response =>
  toProblemResponse(410, rejectField('id', 'the id of a job that has not ended', id, 'ended').problem);

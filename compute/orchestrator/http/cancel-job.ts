import * as v from 'valibot';
import { unexpected } from '../../../contracts/problem.ts';
import type { Blobs } from '../../storage/port.ts';
import { callerName } from '../auth/caller.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { putMark, type Stop } from '../job/cancellation-marker.ts';
import { tellBatches } from '../job/cancel-batches.ts';
import { isLive } from '../job/instances.ts';
import { json, problemAnswer, refused, unknownJob } from './answers.ts';
import { bodyAs } from '../json.ts';
import { namedJob } from './named-job.ts';

const by = 'expected the name of who cancels, at most 200 characters';
const Body = v.object({ by: v.optional(v.nullable(v.pipe(v.string(by), v.maxLength(200, by))), null) });

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
    const who = await bodyAs(Body, httpRequest);
    if (!who.ok) return refused(who.problem);
    const named = await namedJob(httpRequest, id, client);
    if (!named.ok) return refused(named.problem);
    const job = named.value;
    if (!job) return unknownJob(id);
    if (!isLive(job.status)) return endedBefore(id);
    const stop: Stop = { reason: 'canceled-by-user', by: who.value.by, via: callerName(caller) };
    await putMark(blobs, job.id, stop);
    if (!(await client.raiseEvent(job.id, 'Cancel', stop))) return endedBefore(id);
    await tellBatches(client, job.id, stop);
    return json(202, { v: 1, id: job.id });
  },
});

const endedBefore = (id: string): Response =>
  problemAnswer(410, unexpected('id', 'the id of a job that has not ended', id, 'ended').problem);

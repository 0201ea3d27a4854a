import * as v from 'valibot';
import { jobStates, type Job } from '../../../contracts/job.ts';
import { jobIdOrPrefixPattern } from '../../../contracts/ids.ts';
import { integerInRange } from '../../../contracts/json-values.ts';
import { parseInput, rejectField, type ParseResult } from '../../../contracts/problem.ts';
import { UnknownContinuationError } from '../durable.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { listJobPage, type JobPageRequest } from '../view/job-page.ts';
import { type JobViewOptions, buildJobView } from '../view/job-view.ts';
import { readLastLines } from '../view/last-lines.ts';
import { toJsonResponse, toBadRequest, toUnknownJob, toFieldResponse, parseBody } from '../json.ts';
import type { Blobs } from '../../storage/port.ts';
import { toCallerName } from '../auth/caller.ts';
import { putCancellationMarker, type JobStop } from '../job/cancellation-marker.ts';
import { cancelBatches } from '../job/cancel-batches.ts';
import { isLive } from '../job/instances.ts';
import { findNamedJob } from './named-job.ts';

const timeMessage = 'expected an ISO 8601 time';
const statesMessage = `expected a comma-separated list of ${jobStates.join(', ')}`;

const JobsQuery = v.object({
  state: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',').map((state) => state.trim())),
      v.array(v.picklist(jobStates, statesMessage), statesMessage),
    ),
  ),
  since: v.optional(
    v.pipe(
      v.string(timeMessage),
      v.check((text) => !Number.isNaN(Date.parse(text)), timeMessage),
      v.transform((text) => new Date(text).toISOString()),
    ),
  ),
  thread: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,15}\/\d{1,15}$/, 'expected <repository id>/<thread number>'),
      v.transform((text) => text.split('/').map(Number) as [number, number]),
      v.transform(([repository, number]) => ({ repository, number })),
    ),
  ),
  repository: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[^/]{1,200}\/\d{1,15}$/, 'expected <host>/<repository id>'),
      v.transform((text) => {
        const [host = '', id] = text.split('/');
        return { host, id: Number(id) };
      }),
    ),
  ),
  idPrefix: v.optional(
    v.pipe(v.string(), v.regex(jobIdOrPrefixPattern, 'expected "job-" and 8 to 32 lowercase hex digits')),
  ),
  top: v.optional(integerInRange(1, 500), 100),
  continue: v.optional(v.string()),
});

/**
 * `GET /api/jobs?state=&since=&thread=&repository=&idPrefix=&top=&continue=`: one page of jobs, newest first, that match all parameters:
 * `state` is a comma-separated list, `since` is the earliest creation time, `thread` is `<repository id>/<number>`, `repository` is
 * `<host>/<repository id>`, `idPrefix` is the beginning of the ids.
 */
export const listJobs = (options: JobViewOptions): GuardedRoute => ({
  name: 'ListJobs',
  method: 'GET',
  path: 'jobs',
  needs: 'read',
  handle: async (httpRequest, _parameters, client, caller) => {
    const query = readPageRequest(new URL(httpRequest.url).searchParams);
    if (!query.ok) return toBadRequest(query.problem);
    try {
      return toJsonResponse(200, await listJobPage(client, query.value, { ...options, caller }));
    } catch (error) {
      if (!(error instanceof UnknownContinuationError)) throw error;
      const { continuation } = query.value;
      return toBadRequest(
        rejectField('continue', 'the "continue" value of an earlier page', continuation).problem,
      );
    }
  },
});

const readPageRequest = (search: URLSearchParams): ParseResult<JobPageRequest> => {
  const nonEmpty = [...search].filter(([, value]) => value !== '');
  const query = parseInput(JobsQuery, Object.fromEntries(nonEmpty));
  if (!query.ok) return query;
  const { state, since, thread, repository, idPrefix, top, continue: continuation } = query.value;
  return {
    ok: true,
    value: {
      top,
      ...(state ? { states: state } : {}),
      ...(since === undefined ? {} : { since }),
      ...(thread ? { thread } : {}),
      ...(repository ? { repository } : {}),
      ...(idPrefix === undefined ? {} : { idPrefix }),
      ...(continuation === undefined ? {} : { continuation }),
    },
  };
};

/** `GET /api/jobs/{id}`: one job. */
export const getJob = (options: JobViewOptions): GuardedRoute => ({
  name: 'GetJob',
  method: 'GET',
  path: 'jobs/{id}',
  needs: 'read',
  handle: async (httpRequest, { id = '' }, client, caller) => {
    const named = await findNamedJob(httpRequest, id, client);
    if (!named.ok) return toBadRequest(named.problem);
    const job = named.value;
    if (!job) return toUnknownJob(id);
    const view = await buildJobView(client, job, { ...options, caller });
    if (view.kind !== 'task' || view.state !== 'running') return toJsonResponse(200, view);
    const lastLines = await readLastLines(options.blobs, job.id);
    return toJsonResponse(200, { ...view, lastLines } satisfies Job);
  },
});

const byMessage = 'expected the name of the person who cancels, at most 200 characters';
const CancelBody = v.object({
  by: v.optional(v.nullable(v.pipe(v.string(byMessage), v.maxLength(200, byMessage))), null),
});

/**
 * `POST /api/jobs/{id}/cancel {"by"}`: writes the cancellation marker, then raises `Cancel` on the job and its batches. 202: the job ends
 * as canceled, unless it ends by itself first.
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
  toFieldResponse(410, {
    code: 'ended',
    field: 'id',
    expected: 'the id of a job that has not ended',
    received: id,
  });

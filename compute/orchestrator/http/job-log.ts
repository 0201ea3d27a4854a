import * as v from 'valibot';
import { logPath } from '../../../contracts/blob-paths.ts';
import type { JobLog } from '../../../contracts/job.ts';
import { integerInRange } from '../../../contracts/json-values.ts';
import { partBytes, type LogPart } from '../../../contracts/log-part.ts';
import { parseInput, type ParseResult } from '../../../contracts/problem.ts';
import type { Blobs } from '../../storage/port.ts';
import type { CallerClient, GuardedRoute } from '../auth/guard.ts';
import { isLive } from '../job/instances.ts';
import type { JobInstance } from '../job/job-instance.ts';
import { toBadRequest, toFieldResponse, toJsonResponse, toUnknownJob } from '../json.ts';
import { decodeLastLines, decodePart } from '../text.ts';
import { findNamedJob } from './named-job.ts';

const TailQuery = v.object({ bytes: v.optional(integerInRange(1, partBytes.max), partBytes.default) });
const PartQuery = v.object({
  offset: integerInRange(0, 999_999_999_999_999),
  bytes: v.optional(integerInRange(partBytes.min, partBytes.max), partBytes.default),
});

/**
 * `GET /api/jobs/{id}/log`: a task's log, during its run and afterwards. `?bytes=`: its last whole lines. `?offset=&bytes=`: a part from
 * an offset on, for callers that follow the log.
 */
export const getJobLog = ({ blobs }: { blobs: Blobs }): GuardedRoute => ({
  name: 'JobLog',
  method: 'GET',
  path: 'jobs/{id}/log',
  needs: 'read',
  handle: (httpRequest, { id = '' }, client) => {
    const request: LogRequest = { httpRequest, id, client, blobs };
    return new URL(httpRequest.url).searchParams.has('offset') ? answerPart(request) : answerTail(request);
  },
});

type LogRequest = { httpRequest: Request; id: string; client: CallerClient; blobs: Blobs };

const answerTail = async (request: LogRequest): Promise<Response> => {
  const query = parseQuery(TailQuery, request);
  if (!query.ok) return toBadRequest(query.problem);
  const job = await requireJob(request);
  if (job instanceof Response) return job;
  const end = await request.blobs.getTail(logPath(job.id), query.value.bytes);
  if (!end) return toNoLog(request.id);
  const truncated = end.length > end.body.length;
  const text = decodeLastLines(end.body, truncated);
  return toJsonResponse(200, { v: 1, id: job.id, text, bytes: end.length, truncated } satisfies JobLog);
};

/** A task's log that does not exist yet is empty. */
const answerPart = async (request: LogRequest): Promise<Response> => {
  const query = parseQuery(PartQuery, request);
  if (!query.ok) return toBadRequest(query.problem);
  const job = await requireJob(request);
  if (job instanceof Response) return job;
  if (job.input.kind !== 'task') return toNoLog(request.id);
  const { offset, bytes } = query.value;
  // The job was read before its log: if it has ended, the log is complete.
  const ended = !isLive(job.status);
  const range = await request.blobs.getRange(logPath(job.id), offset, bytes);
  const { body, length } = range ?? { body: Buffer.alloc(0), length: 0 };
  const part = decodePart(body, ended && offset + body.length >= length);
  const next = offset + part.bytes;
  return toJsonResponse(200, {
    v: 1,
    id: job.id,
    text: part.text,
    offset: next,
    bytes: length,
    ended,
  } satisfies LogPart);
};

const parseQuery = <const S extends v.ObjectSchema<v.ObjectEntries, undefined>>(
  schema: S,
  { httpRequest }: LogRequest,
): ParseResult<v.InferOutput<S>> => {
  const given = Object.fromEntries(new URL(httpRequest.url).searchParams);
  return parseInput(schema, given);
};

/** Returns the job that a request names, or the answer to a request that names none. */
const requireJob = async ({ httpRequest, id, client }: LogRequest): Promise<JobInstance | Response> => {
  const named = await findNamedJob(httpRequest, id, client);
  if (!named.ok) return toBadRequest(named.problem);
  return named.value ?? toUnknownJob(id);
};

const toNoLog = (id: string): Response =>
  toFieldResponse(404, {
    code: 'no-log',
    field: 'id',
    expected: 'the id of a job that has a log',
    received: id,
  });

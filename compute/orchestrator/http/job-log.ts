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
import {
  toBadRequest,
  toFieldResponse,
  toJsonResponse,
  toProblem,
  toProblemResponse,
  toUnknownJob,
} from '../json.ts';
import type { LogStreams } from '../log-stream/log-streams.ts';
import { decodeLastLines, decodePart } from '../text.ts';
import { findNamedJob } from './named-job.ts';

const TailQuery = v.object({ bytes: v.optional(integerInRange(1, partBytes.max), partBytes.default) });
const offsetRange = integerInRange(0, 999_999_999_999_999);
const PartQuery = v.object({
  offset: offsetRange,
  bytes: v.optional(integerInRange(partBytes.min, partBytes.max), partBytes.default),
});

const StreamQuery = v.object({
  offset: v.optional(offsetRange, 0),
  'Last-Event-ID': v.optional(offsetRange),
});

/**
 * `GET /api/jobs/{id}/log`: a task's log, during its run and afterwards. `?bytes=`: its last whole lines. `?offset=&bytes=`: a part from
 * an offset on, for callers that poll the log. `?follow&offset=`: a stream of events. A reader that resumes a stream names its last event
 * in the header `Last-Event-ID`, which replaces `offset`.
 */
export const getJobLog = (options: JobLogOptions): GuardedRoute => ({
  name: 'JobLog',
  method: 'GET',
  path: 'jobs/{id}/log',
  needs: 'read',
  handle: (httpRequest, { id = '' }, client) => {
    const request: LogRequest = { ...options, httpRequest, id, client };
    const { searchParams } = new URL(httpRequest.url);
    if (searchParams.has('follow')) return answerStream(request);
    return searchParams.has('offset') ? answerPart(request) : answerTail(request);
  },
});

type JobLogOptions = {
  blobs: Blobs;
  /** Undefined if this orchestrator does not stream. */
  streams: LogStreams | undefined;
};

type LogRequest = JobLogOptions & { httpRequest: Request; id: string; client: CallerClient };

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

const answerStream = async (request: LogRequest): Promise<Response> => {
  const { streams, client, id } = request;
  if (!streams) return toStreamsOff();
  const query = parseQuery(StreamQuery, request);
  if (!query.ok) return toBadRequest(query.problem);
  const job = await requireJob(request);
  if (job instanceof Response) return job;
  if (job.input.kind !== 'task') return toNoLog(id);
  const { offset, 'Last-Event-ID': last = offset } = query.value;
  const body = streams.open(job.id, last, client);
  return body ? new Response(body, { headers: streamHeaders }) : toTooManyStreams();
};

/** Proxies must pass each event on at once. */
const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};

const pollInstead = 'Poll the log with the query parameter offset instead.';

const toStreamsOff = (): Response =>
  toProblemResponse(
    501,
    toProblem(
      'streams-off',
      `This orchestrator does not stream logs (COXSWAIN_STREAMS). ${pollInstead}`,
      'follow',
    ),
  );

const toTooManyStreams = (): Response =>
  toProblemResponse(
    503,
    toProblem(
      'too-many-streams',
      `This orchestrator streams as many logs as it can. ${pollInstead}`,
      'follow',
    ),
    { 'retry-after': '10' },
  );

const parseQuery = <const S extends v.ObjectSchema<v.ObjectEntries, undefined>>(
  schema: S,
  { httpRequest }: LogRequest,
): ParseResult<v.InferOutput<S>> => {
  const given = Object.fromEntries(new URL(httpRequest.url).searchParams);
  return parseInput(schema, {
    ...given,
    'Last-Event-ID': httpRequest.headers.get('last-event-id') ?? undefined,
  });
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

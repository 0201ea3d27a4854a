import { createJobId, type JobId } from '../../../contracts/ids.ts';
import type { ParseResult } from '../../../contracts/problem.ts';
import { toCallerName, type Caller } from '../auth/caller.ts';
import type { CallerClient } from '../auth/guard.ts';
import { checkStart } from '../auth/authorize.ts';
import type { DurableClient, InstanceStatus } from '../durable.ts';
import { toOwner } from '../job/job-ids.ts';
import { orchestrators, type JobInput } from '../job/job-state.ts';
import { isSameRequest } from '../job/idempotency.ts';
import { parseJobInstance } from '../job/job-instance.ts';
import { toJsonResponse, toProblemResponse, toBadRequest } from '../json.ts';

export type StartJobOptions = {
  client: CallerClient;
  caller: Caller;
  kind: JobInput['kind'];
  /** The parsed request, not yet compared with the available tasks and algorithms. */
  request: JobInput['request'];
  /** Checks what the schema cannot, and builds the job's input. */
  prepare: () => Promise<ParseResult<JobInput>>;
};

/**
 * Starts a job unless its id is known; then it returns the known job, running or ended. A known id is not compared with the available
 * tasks and algorithms: a redelivery must not fail because a task was removed meanwhile.
 */
export const startJob = async ({
  client,
  caller,
  kind,
  request,
  prepare,
}: StartJobOptions): Promise<Response> => {
  const refusal = checkStart(caller, request);
  if (refusal) return refusal;
  const id = request.jobId ?? createJobId();
  const known = request.jobId === undefined ? undefined : await client.findJob(id, toOwner(request.origin));
  if (known) return toKnownJob(client, known, kind, request);
  const input = await prepare();
  if (!input.ok) return toBadRequest(input.problem);
  const job = { ...input.value, startedBy: toCallerName(caller) };
  const { started, status } = await client.startJob(id, job);
  return started ? toStarted(client, status.instanceId, true) : toKnownJob(client, status, kind, request);
};

const toKnownJob = (
  client: DurableClient,
  status: InstanceStatus,
  kind: JobInput['kind'],
  request: JobInput['request'],
): Response => {
  if (status.name === orchestrators[kind] && isSameRequest(kind, request, status.input))
    return toStarted(client, status.instanceId, false);
  const by = parseJobInstance(status)?.input.startedBy;
  return toProblemResponse(409, {
    code: 'conflict',
    field: 'jobId',
    message: `The id ${status.instanceId} belongs to another request${by ? ` by the ${by.kind} ${JSON.stringify(by.name)}` : ''}`,
    expected: 'a new id, or the request that this id belongs to',
    received: status.instanceId,
  });
};

/** Builds the response to a start: 202 for a new job, 200 for a known one. The platform also gets the management URIs. */
const toStarted = (client: DurableClient, id: JobId, started: boolean): Response => {
  const uris = client.managementUris(id);
  const { statusQueryGetUri: location = `/api/jobs/${id}` } = uris;
  const headers = { 'retry-after': '10', location };
  return toJsonResponse(started ? 202 : 200, { v: 1, ...uris, id, started }, headers);
};

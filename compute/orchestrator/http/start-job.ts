import { randomJobId, type JobId } from '../../../contracts/ids.ts';
import type { Read } from '../../../contracts/problem.ts';
import { callerName, type Caller } from '../auth/caller.ts';
import type { CallerClient } from '../auth/caller-client.ts';
import { startRefusal } from '../auth/authorize.ts';
import type { DurableClient, InstanceStatus } from '../durable.ts';
import { ownerOf } from '../job/job-ids.ts';
import { orchestrators, type JobInput } from '../job/job-state.ts';
import { isSameRequest } from '../job/idempotency.ts';
import { jobInstance } from '../job/job-instance.ts';
import { json, problemAnswer, refused } from './answers.ts';

export type StartOptions = {
  client: CallerClient;
  caller: Caller;
  kind: JobInput['kind'];
  /** Parsed, but not yet held against what is here to run. */
  request: JobInput['request'];
  /** Checks what the schema cannot, and makes the job's input. */
  prepare: () => Promise<Read<JobInput>>;
};

/**
 * Starts a job, unless its id is known: then it answers with the job that is there, running or ended, and starts nothing.
 * A known id is not held against what can be run now: a redelivery must not fail because a task was removed since.
 */
export const startJob = async ({
  client,
  caller,
  kind,
  request,
  prepare,
}: StartOptions): Promise<Response> => {
  const refusal = startRefusal(caller, request);
  if (refusal) return refusal;
  const id = request.jobId ?? randomJobId();
  const known = request.jobId === undefined ? undefined : await client.jobOf(id, ownerOf(request.origin));
  if (known) return alreadyThere(client, known, kind, request);
  const input = await prepare();
  if (!input.ok) return refused(input.problem);
  const job = { ...input.value, startedBy: callerName(caller) };
  const { started, status } = await client.startJob(id, job);
  return started ? startAnswer(client, status.instanceId, true) : alreadyThere(client, status, kind, request);
};

const alreadyThere = (
  client: DurableClient,
  status: InstanceStatus,
  kind: JobInput['kind'],
  request: JobInput['request'],
): Response => {
  if (status.name === orchestrators[kind] && isSameRequest(kind, request, status.input))
    return startAnswer(client, status.instanceId, false);
  const by = jobInstance(status)?.input.startedBy;
  return problemAnswer(409, {
    code: 'conflict',
    field: 'jobId',
    message: `The id ${status.instanceId} belongs to another request${by ? ` by the ${by.kind} ${JSON.stringify(by.name)}` : ''}`,
    expected: 'a new id, or the request that this id belongs to',
    received: status.instanceId,
  });
};

/** 202 for a new job, 200 for a known one; to the platform itself with the management URIs of the Durable HTTP API. */
const startAnswer = (client: DurableClient, id: JobId, started: boolean): Response => {
  const uris = client.managementUris(id);
  const { statusQueryGetUri: location = `/api/jobs/${id}` } = uris;
  const headers = { 'retry-after': '10', location };
  return json(started ? 202 : 200, { v: 1, ...uris, id, started }, headers);
};

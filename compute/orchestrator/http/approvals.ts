import { setTimeout as pause } from 'node:timers/promises';
import { type Approval, type ApprovalCondition, Person } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { toCallerName, type Caller, type WorkTarget } from '../auth/caller.ts';
import { toWorkTarget, checkWork } from '../auth/authorize.ts';
import type { ApprovalVerdict, JobOutput } from '../job/job-state.ts';
import type { DurableClient } from '../durable.ts';
import { isLive } from '../job/instances.ts';
import { parseJobInstance, getJobStatus } from '../job/job-instance.ts';
import { toJsonResponse, toFieldResponse, toUnknownJob, toBadRequest, parseBody } from '../json.ts';
import * as v from 'valibot';
import type { GuardedRoute } from '../auth/guard.ts';
import { Reason } from './reason.ts';

const ApprovalBody = v.object({ by: Person, code: v.string() });

/**
 * `POST /api/jobs/{id}/approve {"by", "code"}`: counts a person's approval of exactly the request with this code. 202 with the number of
 * missing approvals. A repeated approval gets 202, too, even if the job has started because of it.
 */
export const approveJob: GuardedRoute = {
  name: 'ApproveJob',
  method: 'POST',
  path: 'jobs/{id}/approve',
  needs: 'approve',
  handle: async (httpRequest, { id = '' }, client, caller) => {
    const approval = await parseBody(ApprovalBody, httpRequest);
    if (!approval.ok) return toBadRequest(approval.problem);
    const { by, code } = approval.value;
    return submitVerdict(
      { client, caller, id },
      { decision: 'approve', by, code, reason: null },
      {
        toCounted: (now) => findCounted(now, by, code),
        toAccepted: (then) => toAcceptedVerdict(id, Math.max(0, countMissing(then) - 1)),
      },
    );
  },
};

/** Returns the response to an approval that already counts. A job that ended without enough approvals does not count it. */
const findCounted = (now: ApprovalState, by: Person, code: string): Response | undefined => {
  const counts = now.condition?.code === code && now.approvals.some((approval) => approval.by.id === by.id);
  if (!counts || (now.stage === 'ended' && countMissing(now) > 0)) return undefined;
  return toAcceptedVerdict(now.id, countMissing(now));
};

const countMissing = ({ condition, approvals }: ApprovalState): number =>
  (condition?.count ?? 0) - approvals.length;

const RejectionBody = v.object({ by: Person, code: v.string(), reason: Reason });

/**
 * `POST /api/jobs/{id}/reject {"by", "code", "reason"}`: ends a job that waits for approval. The requester can reject it, too. A repeated
 * rejection gets the same response.
 */
export const rejectJob: GuardedRoute = {
  name: 'RejectJob',
  method: 'POST',
  path: 'jobs/{id}/reject',
  needs: 'approve',
  handle: async (httpRequest, { id = '' }, client, caller) => {
    const rejection = await parseBody(RejectionBody, httpRequest);
    if (!rejection.ok) return toBadRequest(rejection.problem);
    const { by, code } = rejection.value;
    return submitVerdict(
      { client, caller, id },
      { decision: 'reject', ...rejection.value },
      {
        toCounted: (now) => (isRejected(now, by, code) ? toAcceptedVerdict(id) : undefined),
        toAccepted: () => toAcceptedVerdict(id),
      },
    );
  },
};

const isRejected = ({ condition, end }: ApprovalState, by: Person, code: string): boolean =>
  condition?.code === code && end?.reason === 'rejected' && end.endedBy === by.name;

/** The approval state of a job. */
type ApprovalState = {
  id: JobId;
  work: WorkTarget;
  /** Undefined if it needs no approval. */
  condition: ApprovalCondition | undefined;
  approvals: readonly Approval[];
  stage: 'waiting' | 'approved' | 'ended';
  end: JobOutput | undefined;
};

type VerdictResponses = {
  /** Returns the response to a verdict that counts; undefined while the job does not show it. Called before and after the event. */
  toCounted: (now: ApprovalState) => Response | undefined;
  /** Returns the response to a verdict that must count although the job does not show it yet. */
  toAccepted: (then: ApprovalState) => Response;
};

/** The caller of a verdict, and the job that it is on. */
type VerdictTarget = { client: DurableClient; caller: Caller; id: string };

/** Raises the `Approval` event with a verdict, unless it already counts, and returns the response to it. */
const submitVerdict = async (
  { client, caller, id }: VerdictTarget,
  verdict: Omit<ApprovalVerdict, 'via'>,
  { toCounted, toAccepted }: VerdictResponses,
): Promise<Response> => {
  const before = await readApprovalState(client, id);
  if (!before) return toUnknownJob(id);
  const refusal = checkWork(caller, 'approve', before.work);
  if (refusal) return refusal;
  const known = toCounted(before) ?? findRefusal(before, verdict);
  if (known) return known;
  await client.raiseEvent(before.id, 'Approval', { ...verdict, via: toCallerName(caller) });
  const after = await pollApprovalState(
    client,
    before.id,
    (now) => now.stage !== 'waiting' || toCounted(now) !== undefined,
  );
  if (!after) return toUnknownJob(id);
  return toCounted(after) ?? findRefusal(after, verdict) ?? toAccepted(after);
};

const readApprovalState = async (client: DurableClient, id: string): Promise<ApprovalState | undefined> => {
  const status = await client.status(id);
  const job = status && parseJobInstance(status);
  if (!job) return undefined;
  const { request } = job.input;
  const condition = request.conditions?.approval;
  const { approvals } = getJobStatus(job);
  const stage = approvals.length < (condition?.count ?? 0) ? 'waiting' : 'approved';
  return {
    id: job.id,
    work: toWorkTarget(request),
    condition,
    approvals,
    end: job.end,
    stage: isLive(status) ? stage : 'ended',
  };
};

/** Returns the response to a verdict that does not count; undefined if it does. */
const findRefusal = (
  { id, condition, stage }: ApprovalState,
  { decision, by, code }: Omit<ApprovalVerdict, 'via'>,
): Response | undefined => {
  if (stage === 'ended') return toEnded(id);
  if (!condition) return toNotWaiting(id);
  if (code !== condition.code) return toWrongCode(code);
  if (decision === 'approve' && by.id === condition.requester.id) return toOwnRequest(by.name);
  return stage === 'approved' ? toNotWaiting(id) : undefined;
};

const toEnded = (received: JobId): Response =>
  toFieldResponse(410, {
    code: 'ended',
    field: 'id',
    expected: 'the id of a job that has not ended',
    received,
  });

const toNotWaiting = (received: JobId): Response =>
  toFieldResponse(409, {
    code: 'not-waiting',
    field: 'id',
    expected: 'the id of a job that waits for approval',
    received,
  });

const toWrongCode = (received: string): Response =>
  toFieldResponse(409, {
    code: 'wrong-code',
    field: 'code',
    expected: "the code of the job's request",
    received,
  });

const toOwnRequest = (received: string): Response =>
  toFieldResponse(409, {
    code: 'own-request',
    field: 'by',
    expected: 'a person other than the requester',
    received,
  });

/** Builds the response to a verdict that counts. @param missing the number of missing approvals */
const toAcceptedVerdict = (id: string, missing?: number): Response =>
  toJsonResponse(202, { v: 1, id, ...(missing === undefined ? {} : { missing }) });

/** On Azure, an event takes a moment to show. The wait is at most 2 s. */
const pollOptions = { maxPolls: 20, milliseconds: 100 };

/** Polls a job's approval state until a condition holds, or until the last poll. */
const pollApprovalState = async (
  client: DurableClient,
  id: string,
  isDone: (now: ApprovalState) => boolean,
): Promise<ApprovalState | undefined> => {
  for (let poll = 1; ; poll += 1) {
    const now = await readApprovalState(client, id);
    if (!now || isDone(now) || poll === pollOptions.maxPolls) return now;
    await pause(pollOptions.milliseconds);
  }
};

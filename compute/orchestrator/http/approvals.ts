import { setTimeout as pause } from 'node:timers/promises';
import { type Approval, type ApprovalCondition, Person } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { rejectField } from '../../../contracts/problem.ts';
import { toCallerName, type Caller, type WorkTarget } from '../auth/caller.ts';
import { toWorkTarget, checkWork } from '../auth/authorize.ts';
import type { ApprovalVerdict, JobOutput } from '../job/job-state.ts';
import type { DurableClient } from '../durable.ts';
import { isLive } from '../job/instances.ts';
import { parseJobInstance, getJobStatus } from '../job/job-instance.ts';
import { toJsonResponse, toProblemResponse, toUnknownJob, toBadRequest, parseBody } from '../json.ts';
import * as v from 'valibot';
import type { GuardedRoute } from '../auth/guard.ts';
import { Reason } from './reason.ts';

/** A job as far as its approval goes. */
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
  /** The answer to a verdict that counts; undefined while the job does not show that it does. Asked before it is told, and after. */
  toCounted: (now: ApprovalState) => Response | undefined;
  /** The answer to one that must count, though the job does not show it yet. */
  toAccepted: (then: ApprovalState) => Response;
};

/** Who says it, and of which job. */
type VerdictTarget = { client: DurableClient; caller: Caller; id: string };

/** Tells a job a verdict on it, once, and answers with what has come of it. */
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

/** Why a verdict does not count, if it does not. */
const findRefusal = (
  { id, condition, stage }: ApprovalState,
  { decision, by, code }: Omit<ApprovalVerdict, 'via'>,
): Response | undefined => {
  if (stage === 'ended') return toRefusal(410, 'ended', 'id', 'the id of a job that has not ended', id);
  if (!condition) return toNotWaiting(id);
  if (code !== condition.code)
    return toRefusal(409, 'wrong-code', 'code', 'the code of what the job asks for', code);
  if (decision === 'approve' && by.id === condition.requester.id)
    return toRefusal(409, 'own-request', 'by', 'somebody other than who asked for it', by.name);
  return stage === 'approved' ? toNotWaiting(id) : undefined;
};

const toNotWaiting = (id: JobId): Response =>
  toRefusal(409, 'not-waiting', 'id', 'the id of a job that waits for approval', id);

const toRefusal = (
  status: number,
  code: string,
  field: string,
  expected: string,
  received: string,
): Response => toProblemResponse(status, rejectField(field, expected, received, code).problem);

/** The answer to a verdict that counts. @param missing how many more have to approve */
const toAcceptedVerdict = (id: string, missing?: number): Response =>
  toJsonResponse(202, { v: 1, id, ...(missing === undefined ? {} : { missing }) });

/** On Azure an event takes a moment until it shows; this is a wait of 2 s at most. */
const pollOptions = { maxPolls: 20, milliseconds: 100 };

/** The case as soon as something holds of it, or as it is at the last look. */
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

const ApprovalBody = v.object({ by: Person, code: v.string() });

/**
 * `POST /api/jobs/{id}/approve {"by", "code"}`: counts somebody's approval of exactly what the code stands for. 202 says how many
 * more are missing; the same again is answered as it is now, also when the job has gone on because of it.
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

/** Not of a job that has ended for want of more approvals. */
const findCounted = (now: ApprovalState, by: Person, code: string): Response | undefined => {
  const counts = now.condition?.code === code && now.approvals.some((approval) => approval.by.id === by.id);
  if (!counts || (now.stage === 'ended' && countMissing(now) > 0)) return undefined;
  return toAcceptedVerdict(now.id, countMissing(now));
};

const countMissing = ({ condition, approvals }: ApprovalState): number =>
  (condition?.count ?? 0) - approvals.length;

const RejectionBody = v.object({ by: Person, code: v.string(), reason: Reason });

/**
 * `POST /api/jobs/{id}/reject {"by", "code", "reason"}`: ends a job that waits for approval. Whoever asked for it may do so too.
 * The same again is answered as it was.
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

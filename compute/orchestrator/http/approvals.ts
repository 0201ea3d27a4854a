import { setTimeout as pause } from 'node:timers/promises';
import type { Approval, ApprovalCondition } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { rejectField } from '../../../contracts/problem.ts';
import { toCallerName, type Caller, type WorkTarget } from '../auth/caller.ts';
import { toWorkTarget, checkWork } from '../auth/authorize.ts';
import type { ApprovalVerdict } from '../job/approval-verdict.ts';
import type { DurableClient } from '../durable.ts';
import type { JobOutput } from '../job/job-end.ts';
import { isLive } from '../job/instances.ts';
import { parseJobInstance } from '../job/job-instance.ts';
import { getJobStatus } from '../view/job-status.ts';
import { toJsonResponse, toProblemResponse, toUnknownJob } from './answers.ts';

/** A job as far as its approval goes. */
export type ApprovalState = {
  id: JobId;
  work: WorkTarget;
  /** Undefined if it needs no approval. */
  condition: ApprovalCondition | undefined;
  approvals: readonly Approval[];
  stage: 'waiting' | 'approved' | 'ended';
  end: JobOutput | undefined;
};

export type VerdictResponses = {
  /** The answer to a verdict that counts; undefined while the job does not show that it does. Asked before it is told, and after. */
  toCounted: (now: ApprovalState) => Response | undefined;
  /** The answer to one that must count, though the job does not show it yet. */
  toAccepted: (then: ApprovalState) => Response;
};

/** Who says it, and of which job. */
export type VerdictTarget = { client: DurableClient; caller: Caller; id: string };

/** Tells a job a verdict on it, once, and answers with what has come of it. */
export const submitVerdict = async (
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
export const toAcceptedVerdict = (id: string, missing?: number): Response =>
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

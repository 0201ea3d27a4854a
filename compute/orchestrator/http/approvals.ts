import { setTimeout as pause } from 'node:timers/promises';
import type { Approval, ApprovalCondition } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { unexpected } from '../../../contracts/problem.ts';
import { callerName, type Caller, type Work } from '../auth/caller.ts';
import { workOf, workRefusal } from '../auth/authorize.ts';
import type { ApprovalVerdict } from '../job/approval-verdict.ts';
import type { DurableClient } from '../durable.ts';
import type { JobEnd } from '../job/job-end.ts';
import { isLive } from '../job/instances.ts';
import { jobInstance } from '../job/job-instance.ts';
import { standingOf } from '../view/job-status.ts';
import { json, problemAnswer, unknownJob } from './answers.ts';

/** A job as far as its approval goes. */
export type Case = {
  id: JobId;
  work: Work;
  /** Undefined if it needs no approval. */
  condition: ApprovalCondition | undefined;
  approvals: readonly Approval[];
  stage: 'waiting' | 'approved' | 'ended';
  end: JobEnd | undefined;
};

export type VerdictAnswers = {
  /** The answer to a verdict that counts; undefined while the job does not show that it does. Asked before it is told, and after. */
  counts: (now: Case) => Response | undefined;
  /** The answer to one that must count, though the job does not show it yet. */
  told: (then: Case) => Response;
};

/** Who says it, and of which job. */
export type VerdictOn = { client: DurableClient; caller: Caller; id: string };

/** Tells a job a verdict on it, once, and answers with what has come of it. */
export const tellVerdict = async (
  { client, caller, id }: VerdictOn,
  verdict: Omit<ApprovalVerdict, 'via'>,
  { counts, told }: VerdictAnswers,
): Promise<Response> => {
  const before = await caseOf(client, id);
  if (!before) return unknownJob(id);
  const refusal = workRefusal(caller, 'approve', before.work);
  if (refusal) return refusal;
  const known = counts(before) ?? refusalOf(before, verdict);
  if (known) return known;
  await client.raiseEvent(before.id, 'Approval', { ...verdict, via: callerName(caller) });
  const after = await whenItShows(
    client,
    before.id,
    (now) => now.stage !== 'waiting' || counts(now) !== undefined,
  );
  if (!after) return unknownJob(id);
  return counts(after) ?? refusalOf(after, verdict) ?? told(after);
};

const caseOf = async (client: DurableClient, id: string): Promise<Case | undefined> => {
  const status = await client.status(id);
  const job = status && jobInstance(status);
  if (!job) return undefined;
  const { request } = job.input;
  const condition = request.conditions?.approval;
  const { approvals } = standingOf(job);
  const stage = approvals.length < (condition?.count ?? 0) ? 'waiting' : 'approved';
  return {
    id: job.id,
    work: workOf(request),
    condition,
    approvals,
    end: job.end,
    stage: isLive(status) ? stage : 'ended',
  };
};

/** Why a verdict does not count, if it does not. */
const refusalOf = (
  { id, condition, stage }: Case,
  { decision, by, code }: Omit<ApprovalVerdict, 'via'>,
): Response | undefined => {
  if (stage === 'ended') return refusal(410, 'ended', 'id', 'the id of a job that has not ended', id);
  if (!condition) return notWaiting(id);
  if (code !== condition.code)
    return refusal(409, 'wrong-code', 'code', 'the code of what the job asks for', code);
  if (decision === 'approve' && by.id === condition.requester.id)
    return refusal(409, 'own-request', 'by', 'somebody other than who asked for it', by.name);
  return stage === 'approved' ? notWaiting(id) : undefined;
};

const notWaiting = (id: JobId): Response =>
  refusal(409, 'not-waiting', 'id', 'the id of a job that waits for approval', id);

const refusal = (status: number, code: string, field: string, expected: string, received: string): Response =>
  problemAnswer(status, unexpected(field, expected, received, code).problem);

/** The answer to a verdict that counts. @param missing how many more have to approve */
export const counted = (id: string, missing?: number): Response =>
  json(202, { v: 1, id, ...(missing === undefined ? {} : { missing }) });

/** On Azure an event takes a moment until it shows; this is a wait of 2 s at most. */
const looks = { most: 20, milliseconds: 100 };

/** The case as soon as something holds of it, or as it is at the last look. */
const whenItShows = async (
  client: DurableClient,
  id: string,
  holds: (now: Case) => boolean,
): Promise<Case | undefined> => {
  for (let look = 1; ; look += 1) {
    const now = await caseOf(client, id);
    if (!now || holds(now) || look === looks.most) return now;
    await pause(looks.milliseconds);
  }
};

import * as v from 'valibot';
import { Person } from '../../../contracts/conditions.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { toBadRequest } from './answers.ts';
import { parseBody } from '../json.ts';
import { toAcceptedVerdict, submitVerdict, type ApprovalState } from './approvals.ts';

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

import * as v from 'valibot';
import { Person } from '../../../contracts/conditions.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { refused } from './answers.ts';
import { bodyAs } from '../json.ts';
import { counted, tellVerdict, type Case } from './approvals.ts';

const Body = v.object({ by: Person, code: v.string() });

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
    const approval = await bodyAs(Body, httpRequest);
    if (!approval.ok) return refused(approval.problem);
    const { by, code } = approval.value;
    return tellVerdict(
      { client, caller, id },
      { decision: 'approve', by, code, reason: null },
      {
        counts: (now) => countedBefore(now, by, code),
        told: (then) => counted(id, Math.max(0, missing(then) - 1)),
      },
    );
  },
};

/** Not of a job that has ended for want of more approvals. */
const countedBefore = (now: Case, by: Person, code: string): Response | undefined => {
  const counts = now.condition?.code === code && now.approvals.some((approval) => approval.by.id === by.id);
  if (!counts || (now.stage === 'ended' && missing(now) > 0)) return undefined;
  return counted(now.id, missing(now));
};

const missing = ({ condition, approvals }: Case): number => (condition?.count ?? 0) - approvals.length;

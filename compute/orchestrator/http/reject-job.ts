import * as v from 'valibot';
import { Person } from '../../../contracts/conditions.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { toBadRequest } from './answers.ts';
import { parseBody } from '../json.ts';
import { Reason } from './reason.ts';
import { toAcceptedVerdict, submitVerdict, type ApprovalState } from './approvals.ts';

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

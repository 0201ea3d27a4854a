import * as v from 'valibot';
import { Person } from '../../../contracts/conditions.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { refused } from './answers.ts';
import { bodyAs } from '../json.ts';
import { Reason } from './reason.ts';
import { counted, tellVerdict, type Case } from './approvals.ts';

const Body = v.object({ by: Person, code: v.string(), reason: Reason });

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
    const rejection = await bodyAs(Body, httpRequest);
    if (!rejection.ok) return refused(rejection.problem);
    const { by, code } = rejection.value;
    return tellVerdict(
      { client, caller, id },
      { decision: 'reject', ...rejection.value },
      {
        counts: (now) => (isRejected(now, by, code) ? counted(id) : undefined),
        told: () => counted(id),
      },
    );
  },
};

const isRejected = ({ condition, end }: Case, by: Person, code: string): boolean =>
  condition?.code === code && end?.reason === 'rejected' && end.endedBy === by.name;

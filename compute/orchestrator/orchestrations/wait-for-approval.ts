import type { Task } from 'durable-functions';
import * as v from 'valibot';
import type { Approval, ApprovalCondition } from '../../../contracts/conditions.ts';
import { ApprovalVerdict, type JobStatus } from '../job/job-state.ts';
import type { Steps } from '../durable.ts';
import type { JobStop } from '../job/cancellation-marker.ts';
import type { OrchestrationRun } from './call-activity.ts';
import { toStoppedOutcome, type JobOutcome } from './outcomes.ts';
import { getTimeAfter, StopSignals } from './stop-signals.ts';

/** The approvals given, and the job's outcome if it was not approved; null if it was. */
export type ApprovalOutcome = { approvals: Approval[]; outcome: JobOutcome | null };

/**
 * Waits until the required number of people have approved, one has rejected, the approval has expired, or the job is canceled. Only
 * verdicts on exactly this request count; the requester cannot approve it.
 */
export function* waitForApproval(
  run: OrchestrationRun,
  condition: ApprovalCondition,
  cancel: Task,
): Steps<ApprovalOutcome> {
  const { code, count, requester } = condition;
  const { context } = run;
  const expiry = getTimeAfter(context, condition.expiresSeconds);
  const waiting = { for: 'approval', code, count, requester, expiresAt: expiry.toISOString() } as const;
  const stopSignals = new StopSignals(run, expiry, cancel);
  const approvals: Approval[] = [];
  let outcome: JobOutcome | null = null;
  while (approvals.length < count && !outcome) {
    context.df.setCustomStatus({ startedAt: null, waiting, approvals } satisfies JobStatus);
    const event = context.df.waitForExternalEvent('Approval');
    yield* stopSignals.waitForAny([event]);
    const { stop } = stopSignals;
    const verdict = stop ? undefined : parseVerdict(event.result, condition);
    if (stop) outcome = toUnapprovedOutcome(stop);
    else if (verdict?.decision === 'reject') outcome = toRejectedOutcome(verdict);
    else if (verdict && isNew(approvals, verdict))
      approvals.push(toApproval(verdict, context.df.currentUtcDateTime));
  }
  stopSignals.end();
  context.df.setCustomStatus({ startedAt: null, waiting: null, approvals } satisfies JobStatus);
  return { approvals, outcome };
}

const toApproval = ({ by, via }: ApprovalVerdict, at: Date): Approval => ({
  by,
  at: at.toISOString(),
  ...(via ? { via } : {}),
});

/** Returns the verdict in an event's data; undefined if it does not count. */
const parseVerdict = (data: unknown, { code, requester }: ApprovalCondition): ApprovalVerdict | undefined => {
  const read = v.safeParse(ApprovalVerdict, data);
  if (!read.success || read.output.code !== code) return undefined;
  const { decision, by } = read.output;
  return decision === 'approve' && by.id === requester.id ? undefined : read.output;
};

const isNew = (approvals: readonly Approval[], { by }: ApprovalVerdict): boolean =>
  !approvals.some((approval) => approval.by.id === by.id);

const toRejectedOutcome = ({ by, via, reason }: ApprovalVerdict): JobOutcome => ({
  state: 'canceled',
  reason: 'rejected',
  endedBy: by.name,
  ...(via ? { endedVia: via } : {}),
  message: reason,
});

const toUnapprovedOutcome = (stop: JobStop): JobOutcome =>
  stop.reason === 'deadline' ? { state: 'timed-out', reason: 'approval-expired' } : toStoppedOutcome(stop);

import type { OrchestrationContext, Task } from 'durable-functions';
import * as v from 'valibot';
import type { Approval, ApprovalCondition } from '../../../contracts/conditions.ts';
import { ApprovalVerdict, type JobStatus } from '../job/job-state.ts';
import type { Steps } from '../durable.ts';
import type { JobStop } from '../job/cancellation-marker.ts';
import { toStoppedOutcome, type JobOutcome } from './outcomes.ts';
import { whenAny } from './when-any.ts';
import { StopSignals } from './stop-signals.ts';

/** Who approved, and how the job ended for want of more; null: it goes on. */
export type ApprovalOutcome = { approvals: Approval[]; ended: JobOutcome | null };

/**
 * Waits until as many different persons as the condition asks for have approved, one has rejected, the time for it is over, or
 * somebody cancels. Only verdicts on exactly this request count, and no approval by whoever asked for it.
 */
export function* waitForApproval(
  context: OrchestrationContext,
  condition: ApprovalCondition,
  cancel: Task,
): Steps<ApprovalOutcome> {
  const { code, count, requester } = condition;
  const expiry = new Date(context.df.currentUtcDateTime.getTime() + condition.expiresSeconds * 1000);
  const waiting = { for: 'approval', code, count, requester, expiresAt: expiry.toISOString() } as const;
  const stopSignals = new StopSignals(context, expiry, cancel);
  const approvals: Approval[] = [];
  let ended: JobOutcome | null = null;
  while (approvals.length < count && !ended) {
    context.df.setCustomStatus({ startedAt: null, waiting, approvals } satisfies JobStatus);
    const event = context.df.waitForExternalEvent('Approval');
    yield* whenAny(context, [...stopSignals.tasks, event]);
    const { stop } = stopSignals;
    const verdict = stop ? undefined : parseVerdict(event.result, condition);
    if (stop) ended = toUnapprovedOutcome(stop);
    else if (verdict?.decision === 'reject') ended = toRejectedOutcome(verdict);
    else if (verdict && isNew(approvals, verdict))
      approvals.push(toApproval(verdict, context.df.currentUtcDateTime));
  }
  stopSignals.end();
  context.df.setCustomStatus({ startedAt: null, waiting: null, approvals } satisfies JobStatus);
  return { approvals, ended };
}

const toApproval = ({ by, via }: ApprovalVerdict, at: Date): Approval => ({
  by,
  at: at.toISOString(),
  ...(via ? { via } : {}),
});

/** An event's data, if it counts. */
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

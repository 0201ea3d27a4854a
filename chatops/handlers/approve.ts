import type { Job } from '../../compute/client/index.ts';
import { toSubject } from '../authorization.ts';
import type { CommandContext } from '../command-context.ts';
import { answerWith, refuse } from '../command-outcome.ts';
import { getRequester, parseNotes } from '../job/index.ts';
import { evaluateRule, getWorkRules } from '../policy/index.ts';
import * as answers from '../reply/answers/index.ts';
import { findApprovalRequest, getDecider, requireApprover } from './approval-request.ts';
import type { Handler } from './handler.ts';

/**
 * `/approve CODE`: a second person approves exactly one request. The current policy must allow the approver to approve it and the
 * requester to run it.
 */
export const approve: Handler<'approve'> = async ({ intent }, context) => {
  const request = await findApprovalRequest('/approve', intent.code, context);
  if (!request.ok) return request.refusal;
  const { job, code } = request.value;
  const denied = await requireApprover('/approve', job, context);
  if (denied) return denied;
  const obstacle = hasApproved(job, context) ? undefined : await findObstacle(job, context);
  if (obstacle)
    return refuse(answers.renderApprovalRefusal('/approve', obstacle, job), obstacle, { job: job.id });
  const approval = await context.ports.jobs.approve(job.id, { by: getDecider(context), code });
  const { outcome } = approval;
  return outcome === 'counted'
    ? answerWith(answers.renderApproval(job, approval.missing), 'approved', { job: job.id, moves: [job.id] })
    : refuse(answers.renderApprovalRefusal('/approve', outcome, job), outcome, { job: job.id });
};

/** Returns whether the author has already approved the job. A redelivered approval gets the same answer again. */
const hasApproved = ({ approvals }: Job, { comment }: CommandContext): boolean =>
  approvals.some(({ by }) => by.id === String(comment.author.id));

/** Returns why the request may not start under the current policy. A code is valid only for the policy under which it was issued. */
const findObstacle = async (
  job: Job,
  context: CommandContext,
): Promise<'policy-changed' | 'requester-lost-right' | undefined> => {
  if (parseNotes(job.origin).policy !== context.policyCommit) return 'policy-changed';
  return (await mayRequesterRun(job, context)) ? undefined : 'requester-lost-right';
};

const mayRequesterRun = async (job: Job, { policy, comment, ports }: CommandContext): Promise<boolean> => {
  const requester = getRequester(job);
  if (!requester) return false;
  const { repository } = comment.thread;
  const { allowed } = await evaluateRule(getWorkRules(policy, toSubject(job)).allow, requester, {
    getLevel: () => ports.permissions.getLevel(repository, requester),
    getMembership: (team) => ports.permissions.getMembership(team, requester),
    isPublic: () => ports.visibility.isPublic(repository),
  });
  return allowed;
};

import { answerWith, refuse } from '../command-outcome.ts';
import { parseNotes } from '../job/index.ts';
import * as answers from '../reply/answers/index.ts';
import { findApprovalRequest, getDecider, requireApprover } from './approval-request.ts';
import type { Handler } from './handler.ts';

/** `/reject CODE reason`: an approver, or the requester, ends a request that waits for an approval. */
export const reject: Handler<'reject'> = async ({ intent }, context) => {
  const request = await findApprovalRequest('/reject', intent.code, context);
  if (!request.ok) return request.refusal;
  const { job, code } = request.value;
  const isOwn = parseNotes(job.origin).requester === context.comment.author.id;
  const denied = isOwn ? undefined : await requireApprover('/reject', job, context);
  if (denied) return denied;
  const decision = { by: getDecider(context), code, reason: intent.reason };
  const outcome = await context.ports.jobs.reject(job.id, decision);
  return outcome === 'accepted'
    ? answerWith(answers.renderRejection(job), 'rejected', { job: job.id, moves: [job.id] })
    : refuse(answers.renderApprovalRefusal('/reject', outcome, job), outcome, { job: job.id });
};

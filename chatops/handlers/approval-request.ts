import type { Job, Person } from '../../compute/client/index.ts';
import { evaluateForAuthor, toSubject } from '../authorization.ts';
import type { CommandContext } from '../command-context.ts';
import { failWith, type Refusal } from '../command-outcome.ts';
import { isOriginTrusted, listLiveJobs, listThreadJobs, parseNotes } from '../job/index.ts';
import { getRuleKeys, getWorkRules } from '../policy/index.ts';
import * as answers from '../reply/answers/index.ts';
import { succeed, type Result } from '../result.ts';
import { refuseIfDenied } from './require-permission.ts';

/** A job that waits for an approval, and the code that identifies its request. */
type ApprovalRequest = { job: Job; code: string };

/** Returns the request with a code. Without a code, lists the waiting requests and decides nothing. */
export const findApprovalRequest = async (
  command: '/approve' | '/reject',
  code: string | undefined,
  context: CommandContext,
): Promise<Result<ApprovalRequest, Refusal>> => {
  const { comment, ports } = context;
  if (comment.event.kind === 'edited') return failWith(answers.renderDecisionByEdit(command), 'edited');
  if (comment.author.kind !== 'person') {
    const why = comment.author.kind === 'bot' ? 'not-a-person' : 'through-an-app';
    return failWith(answers.renderApprovalRefusal(command, why, undefined), 'not-a-person');
  }
  const waiting = (await listLiveJobs(comment, ports.jobs, ['waiting'])).filter(
    ({ waiting }) => waiting?.for === 'approval',
  );
  if (code === undefined)
    return failWith(answers.renderPendingApprovals(command, waiting), 'no-code', { allowed: true });
  const hasCode = (job: Job): boolean => parseNotes(job.origin).code === code;
  const matches = preferTrusted(waiting.filter(hasCode));
  if (matches.length > 1) return failWith(answers.renderAmbiguousCode(command, matches), 'ambiguous-code');
  const job =
    matches[0] ??
    (await listThreadJobs(comment, ports.jobs)).find(hasCode) ??
    (await listLiveJobs(comment, ports.jobs)).find(hasCode);
  return job
    ? succeed({ job, code })
    : failWith(answers.renderApprovalRefusal(command, 'wrong-code', undefined), 'wrong-code');
};

/**
 * Returns the jobs with a trusted origin, or all if there are none. A code is public once its job waits, and any caller that can start
 * jobs can copy it into another job, but such a job is not started by an entry. Entries can start two jobs with the same code only if
 * one person chose their values for that: a code has only 50 bits.
 */
const preferTrusted = (listed: readonly Job[]): readonly Job[] => {
  // A job that moves while pages are read may be on two of them.
  const jobs = [...new Map(listed.map((job) => [job.id, job])).values()];
  const trusted = jobs.filter(isOriginTrusted);
  return trusted.length > 0 ? trusted : jobs;
};

/** Refuses a command if the author may not approve the job. If the policy no longer requires approval, anyone who may run the job may approve it. */
export const requireApprover = async (
  command: '/approve' | '/reject',
  job: Job,
  context: CommandContext,
): Promise<Refusal | undefined> => {
  const subject = toSubject(job);
  const { approval, allow } = getWorkRules(context.policy, subject);
  const decision = await evaluateForAuthor(approval?.from ?? allow, context);
  return refuseIfDenied(command, decision, getRuleKeys(context.policy, subject), context);
};

/** Returns the author of the comment as the orchestrator records them. */
export const getDecider = ({ comment }: CommandContext): Person => ({
  id: String(comment.author.id),
  name: comment.author.login,
});

import type { Job, Person } from '../../compute/client/index.ts';
import type { Intent } from '../command/index.ts';
import { isOriginTrusted, listThreadJobs, listLiveJobs, parseNotes, getRequester } from '../job/index.ts';
import { evaluateRule, getRuleKeys, getWorkRules } from '../policy/index.ts';
import type { AccessRule } from '../policy/policy.ts';
import * as say from '../reply/answers/index.ts';
import { evaluateForAuthor, toSubject } from '../authorization.ts';
import { answerWith, refuse, type CommandOutcome, type CommandContext } from '../command-context.ts';
import { refuseIfDenied } from './require-permission.ts';

/**
 * `/approve CODE`: a second person lets exactly this request go on. Both may do now what the policy of now asks of them: the
 * approver to approve, the requester to run it.
 */
export const approve = async (
  { code }: Extract<Intent, { kind: 'approve' }>,
  visit: CommandContext,
): Promise<CommandOutcome> => {
  const meant = await findRequest('/approve', code, visit);
  if ('says' in meant) return meant;
  const { job } = meant;
  const denied = await requireApprover('/approve', job, visit);
  if (denied) return denied;
  const obstacle = hasApproved(job, visit) ? undefined : await findObstacle(job, visit);
  if (obstacle)
    return refuse(say.renderApprovalRefusal('/approve', obstacle, job), obstacle, { job: job.id });
  const answer = await visit.ports.jobs.approve(job.id, { by: toPerson(visit), code: meant.code });
  const kept = { job: job.id };
  return answer.outcome === 'counted'
    ? answerWith(say.renderApproval(job, answer.missing), 'approved', { ...kept, moves: [job.id] })
    : refuse(say.renderApprovalRefusal('/approve', answer.outcome, job), answer.outcome, kept);
};

/** `/reject CODE reason`: an approver, or the requester, ends a request that waits. */
export const reject = async (
  { code, reason }: Extract<Intent, { kind: 'reject' }>,
  visit: CommandContext,
): Promise<CommandOutcome> => {
  const meant = await findRequest('/reject', code, visit);
  if ('says' in meant) return meant;
  const { job } = meant;
  const own = parseNotes(job.origin).requester === visit.comment.author.id;
  const denied = own ? undefined : await requireApprover('/reject', job, visit);
  if (denied) return denied;
  const answer = await visit.ports.jobs.reject(job.id, { by: toPerson(visit), code: meant.code, reason });
  const kept = { job: job.id };
  return answer === 'accepted'
    ? answerWith(say.renderRejection(job), 'rejected', { ...kept, moves: [job.id] })
    : refuse(say.renderApprovalRefusal('/reject', answer, job), answer, kept);
};

/** The request that a code names. Without a code, nothing is decided: what waits is listed. */
const findRequest = async (
  command: string,
  code: string | undefined,
  visit: CommandContext,
): Promise<{ job: Job; code: string } | CommandOutcome> => {
  const { comment, ports } = visit;
  if (comment.event.kind === 'edited') return refuse(say.renderDecisionByEdit(command), 'edited');
  if (comment.author.kind !== 'person') {
    const why = comment.author.kind === 'bot' ? 'not-a-person' : 'through-an-app';
    return refuse(say.renderApprovalRefusal(command, why, undefined), 'not-a-person');
  }
  const waiting = (await listLiveJobs(comment, ports.jobs, ['waiting'])).filter(
    ({ waiting }) => waiting?.for === 'approval',
  );
  if (code === undefined)
    return refuse(say.renderPendingApprovals(command, waiting), 'no-code', { allowed: true });
  const isNamed = (job: Job): boolean => parseNotes(job.origin).code === code;
  const named = preferTrusted(waiting.filter(isNamed));
  if (named.length > 1) return refuse(say.renderAmbiguousCode(command, named), 'ambiguous-code');
  const job =
    named[0] ??
    (await listThreadJobs(comment, ports.jobs)).find(isNamed) ??
    (await listLiveJobs(comment, ports.jobs)).find(isNamed);
  return job
    ? { job, code }
    : refuse(say.renderApprovalRefusal(command, 'wrong-code', undefined), 'wrong-code');
};

/**
 * A code is public once its job waits, and any caller that can start jobs can use it for another job, but no entry starts that one.
 * Of what entries start, one person can choose the values of two requests so that their codes are the same: a code has only 50 bits.
 */
const preferTrusted = (listed: readonly Job[]): readonly Job[] => {
  // A job that moves while pages are read may be on two of them.
  const jobs = [...new Map(listed.map((job) => [job.id, job])).values()];
  const vouched = jobs.filter(isOriginTrusted);
  return vouched.length > 0 ? vouched : jobs;
};

const requireApprover = async (
  command: string,
  job: Job,
  visit: CommandContext,
): Promise<CommandOutcome | undefined> =>
  refuseIfDenied(
    command,
    await evaluateForAuthor(getApprovers(job, visit), visit),
    visit,
    getRuleKeys(visit.policy, toSubject(job)),
  );

/** Where the policy asks for no approval any more, who may run it may also let it go on. */
const getApprovers = (job: Job, { policy }: CommandContext): AccessRule => {
  const { approval, allow } = getWorkRules(policy, toSubject(job));
  return approval?.from ?? allow;
};

/** Delivered again, an approval that counts is answered as it was. */
const hasApproved = ({ approvals }: Job, { comment }: CommandContext): boolean =>
  approvals.some(({ by }) => by.id === String(comment.author.id));

/** The code stands for the policy of then too: what that let wait may be forbidden by now, or need more. */
const findObstacle = async (
  job: Job,
  visit: CommandContext,
): Promise<'policy-changed' | 'requester-lost-right' | undefined> => {
  if (parseNotes(job.origin).policy !== visit.policyCommit) return 'policy-changed';
  return (await mayRequesterStillRun(job, visit)) ? undefined : 'requester-lost-right';
};

const mayRequesterStillRun = async (job: Job, visit: CommandContext): Promise<boolean> => {
  const requester = getRequester(job);
  if (!requester) return false;
  const { permissions, visibility } = visit.ports;
  const { repository } = visit.comment.thread;
  const { allowed } = await evaluateRule(getWorkRules(visit.policy, toSubject(job)).allow, requester, {
    level: () => permissions.level(repository, requester),
    membership: (team) => permissions.membership(team, requester),
    isPublic: () => visibility.isPublic(repository),
  });
  return allowed;
};

const toPerson = ({ comment }: CommandContext): Person => ({
  id: String(comment.author.id),
  name: comment.author.login,
});

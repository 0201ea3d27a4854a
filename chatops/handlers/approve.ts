import type { Job, Person } from '../../compute/client/index.ts';
import type { Intent } from '../command/index.ts';
import { isVouched, jobsOfThread, liveJobs, notesOf, requesterOf } from '../job/index.ts';
import { decide, ruleKeys, rulesOf } from '../policy/index.ts';
import type { Rule } from '../policy/policy.ts';
import * as say from '../reply/answers/index.ts';
import { isMeant, subjectOf } from '../authorization.ts';
import { answered, refused, type Outcome, type Visit } from '../command-context.ts';
import { denial } from './require-permission.ts';

/**
 * `/approve CODE`: a second person lets exactly this request go on. Both may do now what the policy of now asks of them: the
 * approver to approve, the requester to run it.
 */
export const approve = async (
  { code }: Extract<Intent, { kind: 'approve' }>,
  visit: Visit,
): Promise<Outcome> => {
  const meant = await meantBy('/approve', code, visit);
  if ('says' in meant) return meant;
  const { job } = meant;
  const denied = await mustApprove('/approve', job, visit);
  if (denied) return denied;
  const obstacle = hasApproved(job, visit) ? undefined : await obstacleTo(job, visit);
  if (obstacle) return refused(say.notApproved('/approve', obstacle, job), obstacle, { job: job.id });
  const answer = await visit.ports.jobs.approve(job.id, { by: personOf(visit), code: meant.code });
  const kept = { job: job.id };
  return answer.outcome === 'counted'
    ? answered(say.approved(job, answer.missing), 'approved', { ...kept, moves: [job.id] })
    : refused(say.notApproved('/approve', answer.outcome, job), answer.outcome, kept);
};

/** `/reject CODE reason`: an approver, or the requester, ends a request that waits. */
export const reject = async (
  { code, reason }: Extract<Intent, { kind: 'reject' }>,
  visit: Visit,
): Promise<Outcome> => {
  const meant = await meantBy('/reject', code, visit);
  if ('says' in meant) return meant;
  const { job } = meant;
  const own = notesOf(job.origin).requester === visit.comment.author.id;
  const denied = own ? undefined : await mustApprove('/reject', job, visit);
  if (denied) return denied;
  const answer = await visit.ports.jobs.reject(job.id, { by: personOf(visit), code: meant.code, reason });
  const kept = { job: job.id };
  return answer === 'accepted'
    ? answered(say.rejectedJob(job), 'rejected', { ...kept, moves: [job.id] })
    : refused(say.notApproved('/reject', answer, job), answer, kept);
};

/** The request that a code names. Without a code, nothing is decided: what waits is listed. */
const meantBy = async (
  command: string,
  code: string | undefined,
  visit: Visit,
): Promise<{ job: Job; code: string } | Outcome> => {
  const { comment, ports } = visit;
  if (comment.event.kind === 'edited') return refused(say.notByEdit(command), 'edited');
  if (comment.author.kind !== 'person') {
    const why = comment.author.kind === 'bot' ? 'not-a-person' : 'through-an-app';
    return refused(say.notApproved(command, why, undefined), 'not-a-person');
  }
  const waiting = (await liveJobs(comment, ports.jobs, ['waiting'])).filter(
    ({ waiting }) => waiting?.for === 'approval',
  );
  if (code === undefined) return refused(say.waitingList(command, waiting), 'no-code', { allowed: true });
  const isNamed = (job: Job): boolean => notesOf(job.origin).code === code;
  const named = believed(waiting.filter(isNamed));
  if (named.length > 1) return refused(say.ambiguousCode(command, named), 'ambiguous-code');
  const job =
    named[0] ??
    (await jobsOfThread(comment, ports.jobs)).find(isNamed) ??
    (await liveJobs(comment, ports.jobs)).find(isNamed);
  return job ? { job, code } : refused(say.notApproved(command, 'wrong-code', undefined), 'wrong-code');
};

/**
 * A code is public once its job waits, and any caller that can start jobs can use it for another job, but no entry starts that one.
 * Of what entries start, one person can choose the values of two requests so that their codes are the same: a code has only 50 bits.
 */
const believed = (listed: readonly Job[]): readonly Job[] => {
  // A job that moves while pages are read may be on two of them.
  const jobs = [...new Map(listed.map((job) => [job.id, job])).values()];
  const vouched = jobs.filter(isVouched);
  return vouched.length > 0 ? vouched : jobs;
};

const mustApprove = async (command: string, job: Job, visit: Visit): Promise<Outcome | undefined> =>
  denial(
    command,
    await isMeant(approversOf(job, visit), visit),
    visit,
    ruleKeys(visit.policy, subjectOf(job)),
  );

/** Where the policy asks for no approval any more, who may run it may also let it go on. */
const approversOf = (job: Job, { policy }: Visit): Rule => {
  const { approval, allow } = rulesOf(policy, subjectOf(job));
  return approval?.from ?? allow;
};

/** Delivered again, an approval that counts is answered as it was. */
const hasApproved = ({ approvals }: Job, { comment }: Visit): boolean =>
  approvals.some(({ by }) => by.id === String(comment.author.id));

/** The code stands for the policy of then too: what that let wait may be forbidden by now, or need more. */
const obstacleTo = async (
  job: Job,
  visit: Visit,
): Promise<'policy-changed' | 'requester-lost-right' | undefined> => {
  if (notesOf(job.origin).policy !== visit.policyCommit) return 'policy-changed';
  return (await requesterMayStill(job, visit)) ? undefined : 'requester-lost-right';
};

const requesterMayStill = async (job: Job, visit: Visit): Promise<boolean> => {
  const requester = requesterOf(job);
  if (!requester) return false;
  const { permissions, visibility } = visit.ports;
  const { repository } = visit.comment.thread;
  const { allowed } = await decide(rulesOf(visit.policy, subjectOf(job)).allow, requester, {
    level: () => permissions.level(repository, requester),
    membership: (team) => permissions.membership(team, requester),
    isPublic: () => visibility.isPublic(repository),
  });
  return allowed;
};

const personOf = ({ comment }: Visit): Person => ({
  id: String(comment.author.id),
  name: comment.author.login,
});

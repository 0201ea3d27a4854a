import type { PolicySubject } from '../authorization.ts';
import type { CommandContext } from '../command-context.ts';
import { failWith, refuse, type CommandOutcome, type Refusal } from '../command-outcome.ts';
import { correctCommand, withPrefix } from '../command/index.ts';
import {
  buildJobRequest,
  buildQueuedJob,
  deriveJobId,
  findComputeProblems,
  findJob,
  formatRedactedCommand,
  formatWrittenCommand,
  getUntrustedCaller,
  hashRequest,
  isFollowedBy,
  isJobOfCommand,
  redactValues,
  toApprovableWork,
  toApprovalCode,
  toValueRecord,
  type JobDraft,
  type JobPlan,
  type PlannedJob,
  type StartOrder,
} from '../job/index.ts';
import { buildLockKey, getWorkRules } from '../policy/index.ts';
import * as answers from '../reply/answers/index.ts';
import { fail, succeed, type Result } from '../result.ts';
import { toScope } from '../incoming-comment.ts';
import { shortenJobId } from '../../contracts/ids.ts';
import { defaultTimeoutSeconds } from '../../contracts/job-request.ts';
import type { PlannedLock } from '../job/planned-lock.ts';
import { checkPolicy } from './check-policy.ts';
import { buildJobNotes } from './job-notes.ts';
import { lookUpLocks } from './look-up-locks.ts';
import { listWarnings } from './value-warnings.ts';

/**
 * Starts the job of a command once. If the job exists, in any state, the command is not checked against the current policy and
 * catalogue again. For any other job with the same id, the orchestrator compares the whole request.
 * @param draft returns what the command would run
 */
export const startJob = async (
  order: StartOrder,
  context: CommandContext,
  draft: () => Promise<Result<JobDraft, Refusal>>,
): Promise<CommandOutcome> => {
  const known = await findKnownJob(order, context);
  if (known) return known;
  const drafted = await draft();
  if (!drafted.ok) return drafted.refusal;
  const planned = await planJob(order, drafted.value, context);
  if (!planned.ok) return planned.refusal;
  return requestJob(order, planned.value, context);
};

/** Returns the outcome of a command whose job already exists. */
export const findKnownJob = async (
  { command }: Pick<StartOrder, 'command'>,
  { comment, ports }: CommandContext,
): Promise<CommandOutcome | undefined> => {
  const job = await ports.jobs.get(deriveJobId(command, comment), toScope(comment));
  if (!job || !isJobOfCommand(job, command, comment)) return undefined;
  return { says: { kind: 'job', job }, allowed: true, reason: 'known', outcome: 'known', job: job.id };
};

/** Plans the job of a draft under the policy. The author's permission to run it has been checked before. Writes nothing. */
export const planJob = async (
  order: StartOrder,
  draft: JobDraft,
  context: CommandContext,
): Promise<Result<PlannedJob, Refusal>> => {
  const { comment, policy, policyCommit } = context;
  const { work, values, timeoutSeconds } = draft;
  const rules = getWorkRules(policy, toOrderSubject(order));
  const command = formatRedactedCommand(order.command, values);
  const written = formatWrittenCommand(order.command, values);
  const heading = written ?? command;
  const catalogue = work.kind === 'task' ? await context.catalogue() : [];
  const correct = (wrong: readonly string[]) =>
    correctCommand(order.command, catalogue, context.grammar, wrong);
  const violation = checkPolicy(heading, rules, draft, correct);
  if (violation) return fail(violation);
  const lock = rules.lock && buildLockKey(rules.lock, toValueRecord(values));
  if (lock && 'missing' in lock) {
    const expected = 'a value, because the key of this task’s lock contains it';
    const missing = { name: lock.missing, code: 'not-allowed', expected, received: 'nothing' };
    return failWith(
      answers.renderViolations(heading, [missing], correct([missing.name])),
      'lock-key-missing',
    );
  }
  const hash = hashRequest({
    job: deriveJobId(order.command, comment),
    work: toApprovableWork(work, order.retryOf?.id ?? null),
    values: toValueRecord(values),
    policy: policyCommit,
    requester: comment.author.id,
  });
  const { timeoutSeconds: maxSeconds, concurrent } = rules.limits;
  const plan: JobPlan = {
    command,
    written,
    work,
    parameters: redactValues(values),
    timeoutSeconds:
      maxSeconds === null ? timeoutSeconds : Math.min(maxSeconds, timeoutSeconds ?? defaultTimeoutSeconds),
    concurrent,
    lock: rules.lock && lock ? { key: lock.key, when: rules.lock.when } : null,
    approval: rules.approval && { ...rules.approval, code: toApprovalCode(hash) },
    warnings: listWarnings(values),
    policy: policyCommit,
  };
  return succeed({ plan, values, notes: await buildJobNotes(plan, order.retryOf, context), hash });
};

/** Returns the policy subject of a command that starts a job. */
export const toOrderSubject = ({ intent }: Pick<StartOrder, 'intent'>): PolicySubject =>
  intent.kind === 'run' ? { kind: 'run', taskName: intent.taskName } : { kind: 'compute' };

/** Requests a planned job from the orchestrator. */
const requestJob = async (
  order: StartOrder,
  planned: PlannedJob,
  context: CommandContext,
): Promise<CommandOutcome> => {
  const notes = { ...planned.notes, locks: await lookUpNotedLocks(planned, context) };
  const request = buildJobRequest(order, context.comment, { ...planned, notes });
  const answer = await context.ports.jobs.start(request);
  const { hash, plan } = planned;
  const { command, written = command } = plan;
  if (answer.outcome === 'conflict') return refuseTakenId(written, request.jobId, hash, context);
  if ('problem' in answer) {
    const offer = plan.work.kind === 'compute' ? await context.computeOffer() : undefined;
    const problems = offer ? findComputeProblems({ ...planned, work: plan.work }, offer) : [];
    const text =
      problems.length > 0
        ? answers.renderParseErrors(written, problems)
        : answers.renderNotStarted(written, answer);
    return refuse(text, answer.problem.code, { request: hash, allowed: true });
  }
  if (answer.outcome === 'known') {
    const refusal = await refuseStartedElsewhere(command, answer.id, context);
    if (refusal) return { ...refusal, request: hash };
  }
  return {
    says: { kind: 'job', job: buildQueuedJob({ ...request, jobId: answer.id }) },
    allowed: true,
    reason: 'allowed',
    outcome: answer.outcome,
    request: hash,
    job: answer.id,
  };
};

/** Returns the locks to show to approvers, with their holders at this time. Jobs without an approval show the lock that they wait for. */
const lookUpNotedLocks = async (planned: PlannedJob, context: CommandContext): Promise<PlannedLock[]> => {
  if (!planned.plan.approval) return [];
  const locks = await lookUpLocks(planned, context);
  return locks.ok ? locks.value : [];
};

/** Refuses a command whose job another caller started, if this entry does not follow the jobs of that caller. */
const refuseStartedElsewhere = async (
  command: string,
  id: string,
  { ports, grammar }: CommandContext,
): Promise<Refusal | undefined> => {
  const job = await ports.jobs.get(id);
  const caller = job && getUntrustedCaller(job);
  if (!caller || (isFollowedBy(job, ports.entry.name) && job.origin.command === command)) return undefined;
  const started = { id, by: caller, status: withPrefix(`/status ${shortenJobId(id)}`, grammar) };
  const details = { allowed: true, job: id };
  return refuse(answers.renderStartedElsewhere(command, started), 'started-elsewhere', details);
};

/** Refuses a command whose job id belongs to another job of the repository. */
const refuseTakenId = async (
  command: string,
  id: string,
  request: string,
  { comment, ports }: CommandContext,
): Promise<Refusal> => {
  const job = await findJob(comment, id, ports.jobs);
  const text = answers.renderIdTaken(command, job, comment.event.kind === 'run');
  return refuse(text, 'id-taken', { allowed: true, request, job: id });
};

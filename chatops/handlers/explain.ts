import { evaluateForAuthor, evaluateRun } from '../authorization.ts';
import type { CommandContext } from '../command-context.ts';
import { answerWith, type CommandOutcome, type Refusal } from '../command-outcome.ts';
import { accessLabels, commandSpecs, type Command, type CommandAccess } from '../command/index.ts';
import {
  estimateDuration,
  findComputeProblems,
  formatShortCommand,
  isInRepository,
  resolveAlgorithm,
  type Estimate,
  type JobPlan,
  type PlannedJob,
  type ResolvedAlgorithm,
  type StartOrder,
} from '../job/index.ts';
import { describeRule, getWorkRules } from '../policy/index.ts';
import * as answers from '../reply/answers/index.ts';
import { fail, type Result } from '../result.ts';
import { finalStates } from '../../contracts/job.ts';
import { draftCompute } from './compute.ts';
import type { Invocation } from './handler.ts';
import { lookUpLocks } from './look-up-locks.ts';
import { requireRunPermission } from './require-permission.ts';
import { draftTask } from './run.ts';
import { planJob, toOrderSubject } from './start-job.ts';

/**
 * `/explain`: shows what the command of an invocation would do now, or why it would be refused. Starts nothing.
 * @param invocation the command to explain, as if it were written by itself
 */
export const explain = async (
  { intent, ...selected }: Invocation,
  context: CommandContext,
): Promise<CommandOutcome> => {
  const { command } = selected;
  if (intent.kind !== 'run' && intent.kind !== 'compute') return explainOther(command, context);
  const order: StartOrder = { ...selected, intent };
  const planned = await planWithoutStoring(order, context);
  if (!planned.ok) return answerWithRefusal(formatShortCommand(command), planned.refusal.says.markdown);
  const { plan, hash } = planned.value;
  const offer = plan.work.kind === 'compute' ? await context.computeOffer() : undefined;
  const problems = offer ? findComputeProblems({ ...planned.value, work: plan.work }, offer) : [];
  if (problems.length > 0)
    return answerWithRefusal(plan.command, answers.renderParseErrors(plan.command, problems));
  const subject = toOrderSubject(order);
  const { allow } = getWorkRules(context.policy, subject);
  const { allowed } = await evaluateRun(subject, context);
  const locks = await lookUpLocks(planned.value, context);
  if (!locks.ok) {
    const refusal = { outcome: 'refused', problem: locks.refusal } as const;
    return answerWithRefusal(plan.command, answers.renderNotStarted(plan.command, refusal));
  }
  const algorithm = resolveAlgorithm(plan, offer);
  const text = answers.renderExplanation(plan, allowed, {
    locks: locks.value,
    who: describeRule(allow),
    approvers: plan.approval && describeRule(plan.approval.from),
    algorithm,
    maxSeconds: offer?.limits.timeoutSeconds,
    estimate: await estimate(plan, algorithm, context),
  });
  return answerWith(text, 'explained', { request: hash });
};

const answerWithRefusal = (command: string, refusal: string): CommandOutcome =>
  answerWith(answers.renderExplainedRefusal(command, refusal), 'explained');

const planWithoutStoring = async (
  order: StartOrder,
  context: CommandContext,
): Promise<Result<PlannedJob, Refusal>> => {
  const denied = await requireReadPermission(order, context);
  if (denied) return fail(denied);
  const { intent } = order;
  const drafted =
    intent.kind === 'run'
      ? await draftTask(intent, context)
      : await draftCompute({ ...order, intent }, context, { store: false });
  return drafted.ok ? planJob(order, drafted.value, context) : drafted;
};

/**
 * Refuses people who may not run the command if a plan would read files of the repository for them, or if they write through an app:
 * then the refusal says more than the plan.
 */
const requireReadPermission = async (
  order: StartOrder,
  context: CommandContext,
): Promise<Refusal | undefined> => {
  const { intent, command } = order;
  const isFile = intent.kind === 'compute' && 'file' in intent.inputs;
  const isViaApp = context.comment.author.kind === 'person-via-app';
  return isFile || isViaApp
    ? requireRunPermission(formatShortCommand(command), toOrderSubject(order), context)
    : undefined;
};

/** An estimate reads at most this many of the newest ended jobs, and none that are older. */
const maxComparedJobs = 100;
const maxComparedDays = 30;

/** Estimates the duration of a planned job from an earlier one of the repository. */
const estimate = async (
  { work }: JobPlan,
  algorithm: ResolvedAlgorithm | undefined,
  { comment, ports }: CommandContext,
): Promise<Estimate | undefined> => {
  const since = new Date(Date.parse(comment.comment.createdAt) - maxComparedDays * 86_400_000).toISOString();
  const { jobs } = await ports.jobs.page({ states: finalStates, since, top: maxComparedJobs });
  const own = jobs.filter((job) => isInRepository(job, comment));
  return estimateDuration(work, algorithm, own);
};

/** Explains a command that starts nothing: what it does, and who may use it. */
const explainOther = async (command: Command, context: CommandContext): Promise<CommandOutcome> => {
  const { usage, summary, access } = commandSpecs[command.name];
  const text = answers.renderCommandExplanation(
    formatShortCommand(command),
    { usage, summary, who: accessLabels[access] },
    await mayUse(access, context),
  );
  return answerWith(text, 'explained');
};

/** Returns whether the author may use a command; undefined if that depends on the job in question. */
const mayUse = async (access: CommandAccess, context: CommandContext): Promise<boolean | undefined> => {
  if (access === 'locks') return (await evaluateForAuthor(context.policy.locks.allow, context)).allowed;
  return access === 'everyone' || access === 'read' ? true : undefined;
};

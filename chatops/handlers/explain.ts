import type { Lock, Problem } from '../../compute/client/index.ts';
import { evaluateForAuthor, evaluateRun } from '../authorization.ts';
import type { CommandContext } from '../command-context.ts';
import { answerWith, type CommandOutcome, type Refusal } from '../command-outcome.ts';
import { accessLabels, commandSpecs, type Command, type CommandAccess } from '../command/index.ts';
import {
  formatShortCommand,
  resolveTaskLocks,
  toValueRecord,
  type JobPlan,
  type PlannedJob,
  type StartOrder,
  type TaskDefinitionLock,
} from '../job/index.ts';
import { describeRule, getWorkRules } from '../policy/index.ts';
import * as answers from '../reply/answers/index.ts';
import { fail, succeed, type Result } from '../result.ts';
import { taskLockScope } from '../../contracts/task-locks.ts';
import { toScope } from '../incoming-comment.ts';
import { draftCompute } from './compute.ts';
import type { Invocation } from './handler.ts';
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
  const subject = toOrderSubject(order);
  const { allow } = getWorkRules(context.policy, subject);
  const { allowed } = await evaluateRun(subject, context);
  const taskLocks = await getTaskLocks(planned.value, context);
  if (!taskLocks.ok) {
    const refusal = { outcome: 'refused', problem: taskLocks.refusal } as const;
    return answerWithRefusal(plan.command, answers.renderNotStarted(plan.command, refusal));
  }
  const text = answers.renderExplanation(plan, allowed, {
    lock: await findLock(plan, context),
    added: await findHolders(taskLocks.value, context),
    who: describeRule(allow),
    approvers: plan.approval && describeRule(plan.approval.from),
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

/** Returns the current state of the policy's lock. */
const findLock = async ({ lock }: JobPlan, { comment, ports }: CommandContext): Promise<Lock | undefined> => {
  if (!lock) return undefined;
  return (await ports.locks.list(toScope(comment))).find(({ key }) => key === lock.key);
};

/** Returns the locks that the orchestrator would add because the task's definition names them. */
const getTaskLocks = async (
  { plan: { work }, values }: PlannedJob,
  context: CommandContext,
): Promise<Result<TaskDefinitionLock[], Problem>> => {
  if (work.kind !== 'task') return succeed([]);
  const definition = (await context.catalogue()).find(({ taskName }) => taskName === work.taskName);
  return resolveTaskLocks(definition ?? {}, toValueRecord(values));
};

/** Returns each lock with its current state, as far as jobs of this repository hold it or wait for it. */
const findHolders = async (
  locks: readonly TaskDefinitionLock[],
  { comment, ports }: CommandContext,
): Promise<{ added: TaskDefinitionLock; lock: Lock | undefined }[]> => {
  if (locks.length === 0) return [];
  const current = await ports.locks.list(taskLockScope, toScope(comment));
  return locks.map((added) => ({ added, lock: current.find(({ key }) => key === added.key) }));
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

import type { Lock } from '../../compute/client/index.ts';
import {
  commandSpecs,
  accessLabels,
  type Command,
  type Intent,
  type CommandAccess,
} from '../command/index.ts';
import {
  resolveTaskLocks,
  formatShortCommand,
  toValueRecord,
  type TaskDefinitionLock,
  type JobPlan,
  type StartOrder,
} from '../job/index.ts';
import { toScope, sharedLockScope } from '../scope.ts';
import { describeRule, getWorkRules } from '../policy/index.ts';
import * as say from '../reply/answers/index.ts';
import { evaluateForAuthor, evaluateRun } from '../authorization.ts';
import { answerWith, type CommandOutcome, type CommandContext } from '../command-context.ts';
import { requireRunPermission } from './require-permission.ts';
import { planJob, toOrderSubject, type PlannedJob } from './plan-job.ts';

/** `/explain`: what a command would do if its author gave it now, or why it would be refused. Nothing runs. */
export const explain = async (
  command: Command,
  intent: Intent,
  place: { key: string; index: number },
  visit: CommandContext,
): Promise<CommandOutcome> => {
  if (intent.kind !== 'run' && intent.kind !== 'compute') return explainOther(command, visit);
  const order: StartOrder = { ...place, command, intent };
  const planned = (await requireReadPermission(order, visit)) ?? (await planJob(order, visit, false));
  if ('says' in planned) {
    // What would be refused is explained by its refusal.
    const text = planned.says.kind === 'job' ? '' : planned.says.markdown;
    return answerWith(say.renderExplainedRefusal(formatShortCommand(command), text), 'explained');
  }
  const { allow } = getWorkRules(visit.policy, toOrderSubject(order));
  const { allowed } = await evaluateRun(toOrderSubject(order), visit);
  const { login } = visit.comment.author;
  const { plan } = planned;
  const added = await getTaskLocks(planned, visit);
  if ('problem' in added)
    return answerWith(
      say.renderExplainedRefusal(
        plan.command,
        say.renderNotStarted(plan.command, { outcome: 'refused', ...added }),
      ),
      'explained',
    );
  const text = say.renderExplanation(
    plan,
    { allowed, words: login },
    {
      lock: await findLock(plan, visit),
      added: await loadTaskLocks(added, visit),
      who: describeRule(allow),
      approvers: plan.approval && describeRule(plan.approval.from),
    },
  );
  return answerWith(text, 'explained', { request: planned.hash });
};

/**
 * Files of the repository are read for nobody who may not have them worked on. To a person whose app may not write the command, the
 * refusal says more than the plan.
 */
const requireReadPermission = async (
  order: StartOrder,
  visit: CommandContext,
): Promise<CommandOutcome | undefined> => {
  const { intent, command } = order;
  const isFile = intent.kind === 'compute' && 'file' in intent.inputs;
  const isViaApp = visit.comment.author.kind === 'person-via-app';
  return isFile || isViaApp
    ? requireRunPermission(formatShortCommand(command), toOrderSubject(order), visit)
    : undefined;
};

const findLock = async ({ lock }: JobPlan, { comment, ports }: CommandContext): Promise<Lock | undefined> => {
  if (!lock) return undefined;
  return (await ports.locks.list(toScope(comment))).find(({ key }) => key === lock.key);
};

/** The locks that the orchestrator would add to the job, because the task's definition names them. */
const getTaskLocks = async (
  { plan: { work }, values }: PlannedJob,
  visit: CommandContext,
): Promise<ReturnType<typeof resolveTaskLocks>> => {
  if (work.kind !== 'task') return [];
  const definition = (await visit.catalogue()).find(({ taskName }) => taskName === work.taskName);
  return resolveTaskLocks(definition ?? {}, toValueRecord(values));
};

/** The same, each with who has it now, as far as jobs of this repository have it or wait for it. */
const loadTaskLocks = async (
  added: readonly TaskDefinitionLock[],
  { comment, ports }: CommandContext,
): Promise<{ added: TaskDefinitionLock; lock: Lock | undefined }[]> => {
  if (added.length === 0) return [];
  const now = await ports.locks.list(sharedLockScope, toScope(comment));
  return added.map((one) => ({ added: one, lock: now.find(({ key }) => key === one.key) }));
};

/** Whether a right is the author's; undefined where that depends on the job in question. */
const mayUse = async (right: CommandAccess, visit: CommandContext): Promise<boolean | undefined> => {
  if (right === 'locks') return (await evaluateForAuthor(visit.policy.locks.allow, visit)).allowed;
  return right === 'everyone' || right === 'read' ? true : undefined;
};

/** A command that starts nothing: what it is for, and who may give it. */
const explainOther = async (command: Command, visit: CommandContext): Promise<CommandOutcome> => {
  const { usage, summary, access } = commandSpecs[command.name];
  const text = say.renderCommandExplanation(
    formatShortCommand(command),
    { usage, summary, who: accessLabels[access] },
    await mayUse(access, visit),
  );
  return answerWith(text, 'explained');
};

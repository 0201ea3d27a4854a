import type { Lock } from '../../compute/client/index.ts';
import { specs, whoMay, type Command, type Intent, type Right } from '../command/index.ts';
import {
  addedLocks,
  shortForm,
  valuesByName,
  type AddedLock,
  type Plan,
  type StartOrder,
} from '../job/index.ts';
import { scopeOf, sharedLockScope } from '../scope.ts';
import { describeRule, rulesOf } from '../policy/index.ts';
import * as say from '../reply/answers/index.ts';
import { isMeant, mayRun } from '../authorization.ts';
import { answered, type Outcome, type Visit } from '../command-context.ts';
import { mustRun } from './require-permission.ts';
import { planOf, subjectOfOrder, type Planned } from './plan-job.ts';

/** `/explain`: what a command would do if its author gave it now, or why it would be refused. Nothing runs. */
export const explain = async (
  command: Command,
  intent: Intent,
  place: { key: string; index: number },
  visit: Visit,
): Promise<Outcome> => {
  if (intent.kind !== 'run' && intent.kind !== 'compute') return explainOther(command, visit);
  const order: StartOrder = { ...place, command, intent };
  const planned = (await unread(order, visit)) ?? (await planOf(order, visit, false));
  if ('says' in planned) {
    // What would be refused is explained by its refusal.
    const text = planned.says.kind === 'job' ? '' : planned.says.markdown;
    return answered(say.explainedRefusal(shortForm(command), text), 'explained');
  }
  const { allow } = rulesOf(visit.policy, subjectOfOrder(order));
  const { allowed } = await mayRun(subjectOfOrder(order), visit);
  const { login } = visit.comment.author;
  const { plan } = planned;
  const added = await locksOfTask(planned, visit);
  if ('problem' in added)
    return answered(
      say.explainedRefusal(plan.command, say.notStarted(plan.command, { outcome: 'refused', ...added })),
      'explained',
    );
  const text = say.explained(
    plan,
    { allowed, words: login },
    {
      lock: await lockNow(plan, visit),
      added: await addedNow(added, visit),
      who: describeRule(allow),
      approvers: plan.approval && describeRule(plan.approval.from),
    },
  );
  return answered(text, 'explained', { request: planned.hash });
};

/**
 * Files of the repository are read for nobody who may not have them worked on. To a person whose app may not write the command, the
 * refusal says more than the plan.
 */
const unread = async (order: StartOrder, visit: Visit): Promise<Outcome | undefined> => {
  const { intent, command } = order;
  const isFile = intent.kind === 'compute' && 'file' in intent.inputs;
  const isViaApp = visit.comment.author.kind === 'person-via-app';
  return isFile || isViaApp ? mustRun(shortForm(command), subjectOfOrder(order), visit) : undefined;
};

const lockNow = async ({ lock }: Plan, { comment, ports }: Visit): Promise<Lock | undefined> => {
  if (!lock) return undefined;
  return (await ports.locks.list(scopeOf(comment))).find(({ key }) => key === lock.key);
};

/** The locks that the orchestrator would add to the job, because the task's definition names them. */
const locksOfTask = async (
  { plan: { work }, values }: Planned,
  visit: Visit,
): Promise<ReturnType<typeof addedLocks>> => {
  if (work.kind !== 'task') return [];
  const definition = (await visit.catalogue()).find(({ taskName }) => taskName === work.taskName);
  return addedLocks(definition ?? {}, valuesByName(values));
};

/** The same, each with who has it now, as far as jobs of this repository have it or wait for it. */
const addedNow = async (
  added: readonly AddedLock[],
  { comment, ports }: Visit,
): Promise<{ added: AddedLock; lock: Lock | undefined }[]> => {
  if (added.length === 0) return [];
  const now = await ports.locks.list(sharedLockScope, scopeOf(comment));
  return added.map((one) => ({ added: one, lock: now.find(({ key }) => key === one.key) }));
};

/** Whether a right is the author's; undefined where that depends on the job in question. */
const mayGive = async (right: Right, visit: Visit): Promise<boolean | undefined> => {
  if (right === 'locks') return (await isMeant(visit.policy.locks.allow, visit)).allowed;
  return right === 'everyone' || right === 'read' ? true : undefined;
};

/** A command that starts nothing: what it is for, and who may give it. */
const explainOther = async (command: Command, visit: Visit): Promise<Outcome> => {
  const { usage, summary, right } = specs[command.name];
  const text = say.explainedOther(
    shortForm(command),
    { usage, summary, who: whoMay[right] },
    await mayGive(right, visit),
  );
  return answered(text, 'explained');
};

import type { RetryOptions } from 'durable-functions';
import { toJson } from './history-events.ts';
import type { TrackedTask } from './executor.ts';

/** A task that a generator has asked for and that the host is to see to. Inputs are JSON; `due` is in milliseconds. */
export type ScheduledTask =
  | { kind: 'activity'; id: number; name: string; input: string }
  | { kind: 'orchestration'; id: number; name: string; input: string; instanceId: string | undefined }
  | { kind: 'timer'; id: number; due: number; isCanceled: () => boolean };

/** durable-functions' numbers of the actions that are offered. */
const actionTypes = {
  activity: [0, 1],
  orchestration: [2, 3],
  timer: [5],
  refused: { 7: 'callEntity', 8: 'callHttp', 13: 'lock' },
};

type Action = {
  actionType: number;
  functionName: string;
  input: unknown;
  instanceId?: string;
  fireAt: Date;
  isCanceled: boolean;
};

/**
 * What a newly tracked task asks for.
 * @param now the orchestration's own time, from which a retry's delay counts
 * @throws when the embedded host does not offer it
 */
export const toScheduledTask = (id: number, task: TrackedTask, now: Date): ScheduledTask => {
  const { parent } = task;
  if (task.actionObj !== 'noOp') return fromAction(id, task.actionObj as Action);
  if (!parent?.retryOptions || !parent.children) throw new Error('A task of an unknown kind was scheduled');
  // A retry's children alternate: attempt, delay, attempt, delay …
  const step = parent.children.indexOf(task);
  if (step % 2 === 0) return fromAction(id, parent.actionObj as Action);
  return createTimer(id, now.getTime() + getRetryDelay((step + 1) / 2, parent.retryOptions), () => false);
};

const fromAction = (id: number, action: Action): ScheduledTask => {
  const { actionType, functionName: name, input } = action;
  if (actionTypes.timer.includes(actionType)) {
    return createTimer(id, action.fireAt.getTime(), () => action.isCanceled);
  }
  if (actionTypes.orchestration.includes(actionType)) {
    return { kind: 'orchestration', id, name, input: toJson(input), instanceId: action.instanceId };
  }
  if (actionTypes.activity.includes(actionType))
    return { kind: 'activity', id, name, input: activityInput(input) };
  const refused = (actionTypes.refused as Record<number, string>)[actionType] ?? `Action ${actionType}`;
  throw new Error(`${refused} is not offered by the embedded durable host`);
};

const maxTime = 8.64e15;

const createTimer = (id: number, at: number, isCanceled: () => boolean): ScheduledTask => {
  const due = Math.ceil(at);
  if (!(Math.abs(due) <= maxTime))
    throw new RangeError('A timer was created for a time that is no valid date');
  return { kind: 'timer', id, due, isCanceled };
};

/** A text comes from durable-functions as JSON already, all else as it is. */
export const activityInput = (input: unknown): string => (typeof input === 'string' ? input : toJson(input));

const getRetryDelay = (attempt: number, options: RetryOptions): number => {
  if (options.retryTimeoutInMilliseconds !== undefined) {
    throw new Error('retryTimeoutInMilliseconds is not offered by the embedded durable host');
  }
  const delay = options.firstRetryIntervalInMilliseconds * (options.backoffCoefficient ?? 1) ** (attempt - 1);
  return Math.min(delay, options.maxRetryIntervalInMilliseconds ?? Infinity);
};

/** What must be the same when the generator is run again: the kind of task, and which function it calls. */
export const describeTask = (task: ScheduledTask): string =>
  task.kind === 'timer' ? 'timer' : `${task.kind} ${task.name}`;

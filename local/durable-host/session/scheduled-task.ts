import type { RetryOptions } from 'durable-functions';
import { toJson } from './history-events.ts';
import type { TrackedTask } from './executor.ts';

/** A task that a generator scheduled and the host carries out. Inputs are JSON; `due` is in milliseconds since 1970. */
export type ScheduledTask =
  | { kind: 'activity'; id: number; name: string; input: string }
  | { kind: 'orchestration'; id: number; name: string; input: string; instanceId: string | undefined }
  | { kind: 'timer'; id: number; due: number; isCanceled: () => boolean };

/** The numbers of actions in durable-functions, by our support for them. */
const actionTypes = {
  activity: [0, 1],
  orchestration: [2, 3],
  timer: [5],
  refused: { 7: 'callEntity', 8: 'callHttp', 13: 'lock' },
};

/** An action of durable-functions that schedules a task. */
export type Action = {
  actionType: number;
  functionName: string;
  input: unknown;
  instanceId?: string;
  fireAt: Date;
  isCanceled: boolean;
};

/**
 * Returns the scheduled task for a newly tracked task.
 * @param now the time of the orchestration, from which the delay of a retry counts
 * @throws if the embedded host does not support the action
 */
export const toScheduledTask = (id: number, task: TrackedTask, now: Date): ScheduledTask => {
  const { parent } = task;
  if (task.actionObj !== 'noOp') {
    const scheduled = toTask(id, task.actionObj as Action);
    if (scheduled.kind !== 'timer') return scheduled;
    // A step of a long timer is canceled with the whole.
    const long = parent?.actionObj as Partial<Action> | undefined;
    return { ...scheduled, isCanceled: () => scheduled.isCanceled() || long?.isCanceled === true };
  }
  if (!parent?.retryOptions || !parent.children)
    throw new Error('The orchestration scheduled a task of an unknown kind');
  // A retry's children alternate: attempt, delay, attempt, delay …
  const step = parent.children.indexOf(task);
  if (step % 2 === 0) return toTask(id, parent.actionObj as Action);
  return createTimer(id, now.getTime() + getRetryDelay((step + 1) / 2, parent.retryOptions), () => false);
};

/** Returns the scheduled task for an action. @throws if the embedded host does not support the action */
export const toTask = (id: number, action: Action): ScheduledTask => {
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
  throw new Error(`${refused} is not supported by the embedded durable host`);
};

const maxTime = 8.64e15;

/** @param at milliseconds since 1970 @throws RangeError for no date */
export const createTimer = (id: number, at: number, isCanceled: () => boolean): ScheduledTask => {
  const due = Math.ceil(at);
  if (!(Math.abs(due) <= maxTime))
    throw new RangeError('The orchestration created a timer with an invalid date');
  return { kind: 'timer', id, due, isCanceled };
};

/** Serializes the input of an activity. durable-functions already serializes strings, but not other values. */
export const activityInput = (input: unknown): string => (typeof input === 'string' ? input : toJson(input));

/** The contents of durable-functions' `RetryOptions`. */
type RetryPolicy = { [K in keyof RetryOptions]?: RetryOptions[K] | undefined } & {
  firstRetryIntervalInMilliseconds: number;
};

/** Returns the milliseconds between an attempt, counted from 1, and the next one. */
export const getRetryDelay = (attempt: number, options: RetryPolicy): number => {
  if (options.retryTimeoutInMilliseconds !== undefined) {
    throw new Error('retryTimeoutInMilliseconds is not supported by the embedded durable host');
  }
  const delay = options.firstRetryIntervalInMilliseconds * (options.backoffCoefficient ?? 1) ** (attempt - 1);
  return Math.min(delay, options.maxRetryIntervalInMilliseconds ?? Infinity);
};

/** Returns the identity of a task, which must be the same in a replay: its kind, and the function that it calls. */
export const describeTask = (task: ScheduledTask): string =>
  task.kind === 'timer' ? 'timer' : `${task.kind} ${task.name}`;

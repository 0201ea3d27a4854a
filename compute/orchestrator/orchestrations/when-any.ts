import type { OrchestrationContext, Task } from 'durable-functions';
import type { Steps } from '../durable.ts';

/** The properties of durable-functions' tasks that their public type lacks. */
type ScheduledTask = Task & { alreadyScheduled: boolean; actionObj: unknown };
type WhenAnyTask = ScheduledTask & { children: ScheduledTask[]; action: { compoundActions: unknown[] } };

/** Returns whether a task has completed or failed. */
export const isSettled = (task: Task): boolean => task.isCompleted || task.isFaulted;

/** An action that the extension regards as complete: durable-functions' `WhenAll` of nothing. */
const completeAction = { actionType: 12, compoundActions: [] };

/**
 * Waits until at least one of the tasks has settled. Tasks of an earlier call can be passed again.
 *
 * `Task.any` alone does not allow that in durable-functions 3.5: it schedules a task again that is already scheduled
 * (https://github.com/Azure/azure-functions-durable-js/issues/574), and it registers a waiter for an event again, so that the second
 * registration consumes a later event. This function therefore passes on only new tasks; the others are already registered.
 * `Task.any` also never completes if a task settled before the call, hence the first line.
 *
 * The Durable Functions extension carries out each action only when the one before it is complete, and it knows only the new tasks of
 * this one. If a task of an earlier call ends the wait, the action therefore becomes complete: otherwise, the extension would wait for
 * one of the new tasks before it schedules anything else, in the worst case forever.
 */
export function* whenAny(context: OrchestrationContext, tasks: readonly Task[]): Steps<void> {
  if (tasks.some((task) => isSettled(task))) return;
  const newTasks = (tasks as ScheduledTask[]).filter((task) => !task.alreadyScheduled);
  const whenAnyTask = context.df.Task.any([...tasks]) as WhenAnyTask;
  whenAnyTask.children = newTasks;
  whenAnyTask.action.compoundActions = newTasks.map((task) => task.actionObj);
  if (newTasks.length === 0) whenAnyTask.alreadyScheduled = true;
  yield whenAnyTask;
  if (!newTasks.some((task) => isSettled(task))) whenAnyTask.action.compoundActions.push(completeAction);
}

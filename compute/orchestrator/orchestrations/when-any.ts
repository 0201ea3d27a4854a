import type { OrchestrationContext, Task } from 'durable-functions';
import type { Steps } from '../durable.ts';

/** The properties of durable-functions' tasks that their public type lacks. */
type ScheduledTask = Task & { alreadyScheduled: boolean };
type WhenAnyTask = ScheduledTask & { children: ScheduledTask[]; action: { compoundActions: unknown[] } };

/** Returns whether a task has completed or failed. */
export const isSettled = (task: Task): boolean => task.isCompleted || task.isFaulted;

/**
 * Waits until at least one of the tasks has settled. Tasks of an earlier call can be passed again.
 *
 * `Task.any` alone does not allow that in durable-functions 3.5: it schedules a task again that is already scheduled
 * (https://github.com/Azure/azure-functions-durable-js/issues/574), and it registers a waiter for an event again, so that the second
 * registration consumes a later event. This function therefore passes on only new tasks; the others are already registered.
 * `Task.any` also never completes if a task settled before the call, hence the first line.
 */
export function* whenAny(context: OrchestrationContext, tasks: readonly Task[]): Steps<void> {
  if (tasks.some((task) => isSettled(task))) return;
  const isNew = (tasks as ScheduledTask[]).map((task) => !task.alreadyScheduled);
  const whenAnyTask = context.df.Task.any([...tasks]) as WhenAnyTask;
  whenAnyTask.children = whenAnyTask.children.filter((_, n) => isNew[n]);
  whenAnyTask.action.compoundActions = whenAnyTask.action.compoundActions.filter((_, n) => isNew[n]);
  if (whenAnyTask.children.length === 0) whenAnyTask.alreadyScheduled = true;
  yield whenAnyTask;
}

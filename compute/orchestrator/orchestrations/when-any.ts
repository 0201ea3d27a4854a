import type { OrchestrationContext, Task } from 'durable-functions';
import type { Steps } from '../durable.ts';

/** What durable-functions' tasks have besides their public type. */
type ScheduledTask = Task & { alreadyScheduled: boolean };
type WhenAnyTask = ScheduledTask & { children: ScheduledTask[]; action: { compoundActions: unknown[] } };

export const isSettled = (task: Task): boolean => task.isCompleted || task.isFaulted;

/**
 * Waits until at least one of the tasks is over; tasks of an earlier race may take part again.
 *
 * `Task.any` alone cannot do that in durable-functions 3.5: it schedules a task once more that was scheduled before
 * (https://github.com/Azure/azure-functions-durable-js/issues/574), and it enlists a waiter for an event once more, so that the
 * second entry swallows a later event. So only tasks that are new are handed on; the others already know whom to tell.
 * It also never ends when a task was over before, hence the first line.
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

import type { OrchestrationContext, Task } from 'durable-functions';
import type { Steps } from '../durable.ts';

/** What durable-functions' tasks have besides their public type. */
type Scheduled = Task & { alreadyScheduled: boolean };
type Any = Scheduled & { children: Scheduled[]; action: { compoundActions: unknown[] } };

export const isOver = (task: Task): boolean => task.isCompleted || task.isFaulted;

/**
 * Waits until at least one of the tasks is over; tasks of an earlier race may take part again.
 *
 * `Task.any` alone cannot do that in durable-functions 3.5: it schedules a task once more that was scheduled before
 * (https://github.com/Azure/azure-functions-durable-js/issues/574), and it enlists a waiter for an event once more, so that the
 * second entry swallows a later event. So only tasks that are new are handed on; the others already know whom to tell.
 * It also never ends when a task was over before, hence the first line.
 */
export function* race(context: OrchestrationContext, tasks: readonly Task[]): Steps<void> {
  if (tasks.some((task) => isOver(task))) return;
  const fresh = (tasks as Scheduled[]).map((task) => !task.alreadyScheduled);
  const any = context.df.Task.any([...tasks]) as Any;
  any.children = any.children.filter((_, n) => fresh[n]);
  any.action.compoundActions = any.action.compoundActions.filter((_, n) => fresh[n]);
  if (any.children.length === 0) any.alreadyScheduled = true;
  yield any;
}

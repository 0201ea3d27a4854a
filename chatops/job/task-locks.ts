import type { Problem, TaskDefinition } from '../../compute/client/index.ts';
import { fillTaskLocks } from '../../contracts/task-locks.ts';
import { fail, succeed, type Result } from '../result.ts';

/** A lock in a task's definition, which the orchestrator adds to the task's jobs. */
export type TaskDefinitionLock = { key: string; slots: number; when: 'queue' | 'refuse' };

/** Returns the locks of a definition with a job's values; or the problem for which the orchestrator would refuse the job. */
export const resolveTaskLocks = (
  { locks = [] }: Pick<TaskDefinition, 'locks'>,
  values: Readonly<Record<string, string>>,
): Result<TaskDefinitionLock[], Problem> => {
  const filled = fillTaskLocks(locks, values);
  return filled.ok
    ? succeed(filled.value.map(({ key, slots, whenTaken }) => ({ key, slots, when: whenTaken })))
    : fail(filled.problem);
};

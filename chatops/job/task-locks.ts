import type { Problem, TaskDefinition } from '../../compute/client/index.ts';
import { fillLockKey } from '../policy/index.ts';

/** A lock in a task's definition, which the orchestrator adds to the task's jobs. */
export type TaskDefinitionLock = { key: string; slots: number; when: 'queue' | 'refuse' };

/** The maximum length of a lock key that the orchestrator accepts. */
const maxLockKeyLength = 200;

/**
 * Returns the locks of a definition with a job's values, as the orchestrator adds them (contracts/task-locks.ts): sorted by
 * key, two with the same key merged; or the problem for which it would refuse the job.
 */
export const resolveTaskLocks = (
  { locks = [] }: Pick<TaskDefinition, 'locks'>,
  values: Readonly<Record<string, string>>,
): TaskDefinitionLock[] | { problem: Problem } => {
  const byKey = new Map<string, TaskDefinitionLock>();
  for (const { key: template, slots = 1, whenTaken: when = 'queue' } of locks) {
    const filled = fillLockKey(template, values);
    if ('missing' in filled || filled.key.length > maxLockKeyLength)
      return { problem: buildKeyProblem(template) };
    const { key } = filled;
    const other = byKey.get(key);
    const isRefused = when === 'refuse' || other?.when === 'refuse';
    byKey.set(key, {
      key,
      slots: Math.min(slots, other?.slots ?? slots),
      when: isRefused ? 'refuse' : 'queue',
    });
  }
  return [...byKey.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
};

const buildKeyProblem = (template: string): Problem => {
  const expected = `values that make ${template} a valid lock key of at most ${maxLockKeyLength} characters`;
  const message = `parameters: expected ${expected}, received other values`;
  return { code: 'lock-key-invalid', field: 'parameters', message, expected, received: 'other values' };
};

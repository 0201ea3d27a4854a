import { checkVisibleLines } from '../../chatops/markdown-visibility/second-reader/check-visible-lines.ts';
import { serveTasks } from '../../runtime/serve-tasks.ts';

/*
 * The Action's entry for child processes: the second reader, and the policy reader, whose code the bundle already contains in
 * `run-mode.mjs`.
 */
type Task = { text: string; lines: readonly number[] } | { policy: string };

serveTasks(async (task: Task) => {
  if (!('policy' in task)) return checkVisibleLines(task);
  const { readPolicy } = await import('../run-mode.ts');
  return readPolicy(task.policy);
});

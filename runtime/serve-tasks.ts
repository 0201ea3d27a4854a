import { Script } from 'node:vm';
import type { TaskMessage } from './task-process.ts';

type Question = { id: number; input: unknown; maxMilliseconds: number };

/** Serves a function to the process's owner; the only call in a process's entry. @throws Error in a process without an owner */
export const serveTasks = (run: (input: never) => unknown): void => {
  const { coxswainStart } = globalThis as { coxswainStart?: number };
  if (!process.send || coxswainStart === undefined)
    throw new Error('Tasks can be served only in a child process of a ProcessTask');
  // An answer that nobody receives is not an error.
  const send = (message: TaskMessage): void => void process.send?.(message, () => {});
  const answer = async ({ id, input, maxMilliseconds }: Question): Promise<void> => {
    try {
      send({
        kind: 'returned',
        id,
        value: await runWithTimeout(2 * maxMilliseconds, () => run(input as never)),
      });
    } catch (thrown) {
      const { name, message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
      send({ kind: 'threw', id, error: { name, message, ...(stack !== undefined && { stack }) } });
    }
  };
  process.on('message', (question: Question) => void answer(question));
  send({ kind: 'returned', id: coxswainStart });
};

/**
 * Runs a function, and exits if it takes too long. The owner kills the process long before that; but a busy process does not notice
 * that its owner was killed, and would run forever.
 */
const runWithTimeout = (milliseconds: number, run: () => unknown): unknown => {
  const slot = globalThis as { coxswainRun?: () => unknown };
  slot.coxswainRun = run;
  try {
    return runScript.runInThisContext({ timeout: Math.ceil(milliseconds), displayErrors: false });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') process.exit(1);
    throw thrown;
  }
};
const runScript = new Script('coxswainRun()');

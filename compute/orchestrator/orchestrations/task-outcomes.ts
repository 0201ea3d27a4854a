import type { ExitRecord } from '../../../contracts/exit-record.ts';
import type { TaskResult } from '../../../contracts/job.ts';
import { toFailedOutcome, type JobOutcome } from './outcomes.ts';

/** Returns the outcome of a task whose runner left an exit record. */
export const toExitOutcome = ({ exitCode, signal, timedOut, notStarted }: ExitRecord): JobOutcome => {
  if (notStarted) {
    const { reason, message } = notStarted;
    // Bots of older versions know the reasons of jobs, and no new ones.
    return toFailedOutcome(reason === 'identity-unavailable' ? 'launch-failed' : reason, message);
  }
  if (timedOut) return { state: 'timed-out', reason: 'deadline', message: 'The script ran out of time' };
  if (exitCode === 0) return { state: 'completed', reason: null };
  return toFailedOutcome(
    'script-failed',
    signal ? `The script was ended by ${signal}` : `The script ended with exit code ${exitCode}`,
  );
};

/**
 * Returns the outcome of a task whose runner was lost.
 * @param started whether the script had started
 * @param cause what the launcher reports about the cause, as sentences
 */
export const toLostOutcome = (
  started: boolean,
  cause: string | null = null,
): JobOutcome & { message: string } => {
  const lost = started
    ? 'The runner was lost after the script had started; how the script ended is not known'
    : 'The runner was lost before the script started';
  const message = cause === null ? lost : `${lost}. ${cause}`;
  return { ...toFailedOutcome('runner-lost', message), message };
};

/** Builds a task's result. @param exit undefined without an exit record */
export const buildTaskResult = (exit: ExitRecord | undefined, logTail: string | null): TaskResult => {
  if (!exit) return { exitCode: null, signal: null, timedOut: false, logTail };
  const { exitCode, signal, timedOut } = exit;
  return { exitCode, signal, timedOut, logTail };
};

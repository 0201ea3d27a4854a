import type { JobState } from '../compute/client/index.ts';

/** The exit codes of `coxswain`, with their meaning. Scripts rely on them, so they never change. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  canceled: 3,
  notFound: 4,
  unreachable: 5,
  refused: 6,
  oldNode: 7,
  timeout: 8,
  internal: 70,
  interrupted: 130,
} as const;

/** The meaning of each exit code, as the documentation states it. */
export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'The command succeeded. If it waited for a job, the job completed',
  failed:
    'The job failed, timed out, or completed with failed blocks; `tasks validate` found mistakes; a folder cannot be used; or the local platform could not start',
  usage: 'The command line is not valid, or the orchestrator refused a value',
  canceled: 'The job was canceled, or its request was rejected',
  notFound: 'The job, log or file does not exist, or several jobs match the beginning of an id',
  unreachable: 'The orchestrator or the local platform cannot be reached, or a different program responds',
  refused: 'The credential is missing, unknown, or does not allow this',
  oldNode: 'This version of Node is too old',
  timeout: 'The wait timed out. The job continues',
  internal: 'An internal error of Coxswain, printed with its stack trace',
  interrupted: 'You pressed Ctrl-C. The job continues',
};

/** Returns the exit code for a job that has ended. */
export const getExitCode = (state: JobState): number => {
  if (state === 'completed') return exitCodes.ok;
  return state === 'canceled' ? exitCodes.canceled : exitCodes.failed;
};

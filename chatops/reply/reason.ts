import type { JobReason } from '../../compute/client/index.ts';

const sentences = {
  'blocks-failed': 'Some blocks failed; the result is made of the others.',
  'all-blocks-failed': 'Every block failed, so there is no result.',
  'reduce-failed': 'The blocks were computed, but their outputs could not be put together.',
  'script-failed': 'The script ran and reported a failure.',
  'script-missing': 'The catalogue has no such script. Nothing was run.',
  'definition-invalid': "The task's definition is not valid. Nothing was run.",
  'runner-lost':
    'The runner was lost before it reported how the script ended. The script is not started again by itself.',
  'launch-failed': 'The runner could not be started. The script was not run.',
  'canceled-by-user': 'What was done until then is kept.',
  rejected: 'Nothing was run.',
  'approval-expired': 'Nobody approved it in time. Nothing was run.',
  'lock-taken': 'Its lock was taken, and it was not to wait for it. Nothing was run.',
  deadline: 'It took longer than it was given, and was stopped. What was done until then is kept.',
  terminated: 'It was ended from outside, at the orchestrator.',
  internal: "The platform made a mistake. Its operator finds the details under the job's id.",
} as const satisfies Record<JobReason, string>;

/** Why a job ended otherwise than well, in words. @param hasStarted whether any of its work was: else there is nothing to keep */
export const formatReason = (reason: JobReason, hasStarted: boolean): string =>
  reason === 'canceled-by-user' && !hasStarted ? 'Nothing was run.' : sentences[reason];

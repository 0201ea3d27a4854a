export { jobsAskedBy } from './requested-jobs.ts';
export { isAskedFor, isJobOf, type Asking } from './verify-job.ts';
export { cancelJob, type Cancellation } from './cancel-job.ts';
export { approvalCode, requestHash } from './approval-code.ts';
export { endedBefore, jobOfRepository, jobsOfComment, jobsOfThread, liveJobs } from './find-jobs.ts';
export { notesOf, type Notes } from './notes.ts';
export type { Plan, Work } from './plan.ts';
export { jobIdOf, jobRequest, queuedJob, type JobRequest, type StartOrder } from './job-request.ts';
export { requesterOf } from './requester.ts';
export { openForm, shortForm, shownForm } from './format-command.ts';
export { addedLocks, type AddedLock } from './task-locks.ts';
export {
  givenValues,
  isMasked,
  secretsOf,
  shownValues,
  taskValues,
  valuesByName,
  type Value,
} from './job-values.ts';
export { claimantOf, isFollowedBy, isVouched, vouchFor } from './trusted-origin.ts';

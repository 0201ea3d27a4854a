export { jobsAskedBy } from './asked-by.ts';
export { isAskedFor, isJobOf, type Asking } from './belief.ts';
export { cancelJob, type Cancellation } from './cancel.ts';
export { approvalCode, requestHash } from './code.ts';
export { endedBefore, jobOfRepository, jobsOfComment, jobsOfThread, liveJobs } from './find.ts';
export { notesOf, type Notes } from './notes.ts';
export type { Plan, Work } from './plan.ts';
export { jobIdOf, jobRequest, queuedJob, type JobRequest, type StartOrder } from './request.ts';
export { requesterOf } from './requester.ts';
export { openForm, shortForm, shownForm } from './shown.ts';
export { addedLocks, type AddedLock } from './task-locks.ts';
export {
  givenValues,
  isMasked,
  secretsOf,
  shownValues,
  taskValues,
  valuesByName,
  type Value,
} from './values.ts';
export { claimantOf, isFollowedBy, isVouched, vouchFor } from './vouched.ts';

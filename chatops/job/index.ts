export { findRequestedJobs } from './requested-jobs.ts';
export { isRequestedJob, isJobOfCommand, type JobSource } from './verify-job.ts';
export { cancelJob, type JobCancellation } from './cancel-job.ts';
export { hashRequest, toApprovableWork, toApprovalCode } from './approval-code.ts';
export {
  hadEndedBefore,
  findJob,
  findJobsByPrefix,
  isInRepository,
  listCommentJobs,
  listThreadJobs,
  listLiveJobs,
} from './find-jobs.ts';
export { resolveAlgorithm, type ResolvedAlgorithm } from './resolve-algorithm.ts';
export { getRequester, parseNotes, type JobNotes } from './notes.ts';
export type { JobDraft, JobPlan, JobWork, PlannedJob } from './plan.ts';
export {
  deriveJobId,
  buildJobRequest,
  buildQueuedJob,
  type JobRequest,
  type StartOrder,
} from './job-request.ts';
export {
  formatCommandToRepeat,
  formatShortCommand,
  formatRedactedCommand,
  formatWrittenCommand,
} from './format-command.ts';
export { resolveTaskLocks, type TaskDefinitionLock } from './task-locks.ts';
export {
  buildGivenValues,
  isMasked,
  getSecretNames,
  redactValues,
  buildTaskValues,
  toValueRecord,
  type JobValue,
  type RedactedValue,
} from './job-values.ts';
export { countBlocks, findComputeProblems } from './compute-problems.ts';
export { estimateDuration, type Estimate } from './estimate.ts';
export { getUntrustedCaller, isFollowedBy, isOriginTrusted, trustOrigin } from './trusted-origin.ts';

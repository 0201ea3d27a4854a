/*
 * The texts of replies that do not follow a job. `command` is the command as shown; like everything that people write, it is untrusted.
 * Each function returns our own Markdown, in which untrusted text is escaped.
 */
export {
  renderAmbiguousCode,
  renderApproval,
  renderApprovalRefusal,
  renderPendingApprovals,
} from './approve.ts';
export { renderCancellation } from './cancel.ts';
export {
  renderDecisionByEdit,
  renderEditRefusal,
  renderMissedCommands,
  renderTooManyCommands,
} from './comment-refusals.ts';
export { renderInputReview, renderInvalidInputs, renderUnreadableInputs } from './compute.ts';
export { renderCommandExplanation, renderExplainedRefusal, renderExplanation } from './explain.ts';
export { renderLockHeld, renderLocked, renderNothingToClose } from './lock.ts';
export { getListedJobs, renderLocks } from './locks.ts';
export { renderLog } from './logs.ts';
export { renderParseErrors } from './parse-errors.ts';
export {
  renderDenial,
  renderInvalidPolicy,
  renderInvalidPolicyWarning,
  renderNotApprovable,
  renderOverLimit,
  renderThreadNotAllowed,
  renderViolations,
  unprotectedPolicyWarning,
  type RefusedValue,
} from './policy.ts';
export { renderRejection } from './reject.ts';
export { renderRetryRefusal } from './retry.ts';
export { renderAmbiguousJob, renderJobNotFound, renderNothingToDo } from './select-job.ts';
export {
  renderDuplicateStep,
  renderIdTaken,
  renderInvalidTask,
  renderNotStarted,
  renderStartedElsewhere,
} from './start-job.ts';
export { renderJobList, renderStatus } from './status.ts';
export { renderNotLocked, renderUnlocked } from './unlock.ts';
export { renderAppDenial, renderDenialViaApp } from './via-app.ts';

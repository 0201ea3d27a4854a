/*
 * What a reply says once. `command` is the command as it is shown: text of others, like all that a person wrote. Each
 * returns Markdown of ours in which nothing of others acts.
 */
export {
  renderAmbiguousCode,
  renderApproval,
  renderApprovalRefusal,
  renderRejection,
  renderPendingApprovals,
} from './approve.ts';
export { renderDuplicateStep } from './called-twice.ts';
export { renderCancellation, renderRetryRefusal } from './cancel.ts';
export { renderEditRefusal, renderMissedCommands, renderDecisionByEdit } from './comment-refusals.ts';
export { renderExplanation, renderCommandExplanation, renderExplainedRefusal } from './explain.ts';
export { renderInvalidInputs, renderUnreadableInputs, renderInputReview } from './compute.ts';
export {
  renderAmbiguousJob,
  renderJobNotFound,
  renderNothingToDo,
  renderJobList,
  renderStatus,
} from './status.ts';
export {
  getListedJobs,
  renderLockHeld,
  renderLocked,
  renderLocks,
  renderNotLocked,
  renderUnlocked,
} from './locks.ts';
export { renderLog } from './logs.ts';
export {
  renderIdTaken,
  renderParseErrors,
  renderNotStarted,
  renderStartedElsewhere,
  renderTooManyCommands,
  renderInvalidTask,
} from './parse-errors.ts';
export {
  renderDenial,
  renderNotApprovable,
  renderThreadNotAllowed,
  renderOverLimit,
  renderInvalidPolicy,
  unprotectedPolicyWarning,
  renderInvalidPolicyWarning,
  renderViolations,
} from './policy.ts';
export { renderAppDenial, renderDenialViaApp } from './via-app.ts';

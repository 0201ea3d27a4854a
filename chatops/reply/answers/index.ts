/*
 * What a reply says once. `command` is the command as it is shown: text of others, like all that a person wrote. Each
 * returns Markdown of ours in which nothing of others acts.
 */
export { ambiguousCode, approved, notApproved, rejectedJob, waitingList } from './approve.ts';
export { calledTwice } from './called-twice.ts';
export { canceled, notRetried } from './cancel.ts';
export { editedByOther, missed, notByEdit } from './comment-refusals.ts';
export { explained, explainedOther, explainedRefusal } from './explain.ts';
export { inputsRefused, inputsUnread, readyCommand } from './compute.ts';
export { candidates, jobNotFound, nothingToDo, statusList, statusOf } from './status.ts';
export { jobsInTable, lockHeld, locked, locksTable, notLocked, unlocked } from './locks.ts';
export { logs } from './logs.ts';
export { idTaken, mistakes, notStarted, startedElsewhere, tooMany, unreadable } from './parse-errors.ts';
export {
  notAllowed,
  notApprovable,
  notHere,
  overLimit,
  policyBroken,
  policyUnprotected,
  policyWarning,
  violates,
} from './policy.ts';
export { appNotAllowed, notAllowedViaApp } from './via-app.ts';

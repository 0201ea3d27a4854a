/*
 * What a reply says once. `command` is the command as it is shown: text of others, like all that a person wrote. Each
 * returns Markdown of ours in which nothing of others acts.
 */
export { ambiguousCode, approved, notApproved, rejectedJob, waitingList } from './approvals.ts';
export { calledTwice } from './called-twice.ts';
export { canceled, notRetried } from './cancel-retry.ts';
export { editedByOther, missed, notByEdit } from './edits.ts';
export { explained, explainedOther, explainedRefusal } from './explained.ts';
export { inputsRefused, inputsUnread, readyCommand } from './inputs.ts';
export { candidates, jobNotFound, nothingToDo, statusList, statusOf } from './jobs.ts';
export { jobsInTable, lockHeld, locked, locksTable, notLocked, unlocked } from './locks.ts';
export { logs } from './logs.ts';
export { idTaken, mistakes, notStarted, startedElsewhere, tooMany, unreadable } from './mistakes.ts';
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

export { createBoundedPolicyReader, readingLimits, type PolicyReader } from './bounded-reader.ts';
export { hasCodeOwner } from './code-owners.ts';
export { evaluateRule, listsApp, type RuleDecision, type AuthorAccess } from './evaluate-rule.ts';
export { closedPolicy, defaultPolicy } from './defaults.ts';
export { fillLockKey, buildLockKey } from './lock-key.ts';
export {
  maxPolicyBytes,
  readPolicy,
  toTooLargeProblem,
  toUnreadableProblem,
  toFileProblem,
  type PolicyReading,
} from './read-policy.ts';
export {
  lockRuleKeys,
  needsApprovals,
  getRuleKeys,
  getWorkRules,
  isThreadAllowed,
  findViolations,
  getAllWorkRules,
} from './rules.ts';
export { describePeople, describeRule, getMentions } from './describe-rule.ts';

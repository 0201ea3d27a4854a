export { boundedPolicyReader, readingLimits, type PolicyReader } from './bounded-reader.ts';
export { hasCodeOwner } from './code-owners.ts';
export { decide, listsApp, type Decision, type Standing } from './evaluate-rule.ts';
export { closedPolicy, defaultPolicy } from './defaults.ts';
export { fillLockKey, lockKey } from './lock-key.ts';
export {
  largestPolicy,
  readPolicy,
  tooLarge,
  unreadFile,
  wholeFileMistake,
  type ReadPolicy,
} from './read-policy.ts';
export {
  lockKeys,
  needsApprovals,
  ruleKeys,
  rulesOf,
  threadAllowed,
  violations,
  workRulesOf,
} from './rules.ts';
export { describePeople, describeRule, mentionsOf } from './describe-rule.ts';

export { decide, type Decision, type Standing } from './decide.ts';
export { closedPolicy, defaultPolicy } from './defaults.ts';
export { lockKey } from './lock-key.ts';
export { largestPolicy, readPolicy, tooLarge, wholeFileMistake, type ReadPolicy } from './read.ts';
export { rulesOf, threadAllowed, violations } from './rules.ts';
export { describeRule, mentionsOf } from './words.ts';

import { expectedFewerSteps } from '../../contracts/pattern-limits.ts';
import { CommandPatternMatcher } from '../command/values/pattern.ts';
import type { ThreadRef } from '../incoming-comment.ts';
import type { Policy, ValueRule, WorkRules } from './policy.ts';

/** A subject of rules in a policy. */
type PolicySubject = { kind: 'run'; taskName: string } | { kind: 'compute' };

/** Returns the rules for a task or for `/compute`. */
export const getWorkRules = (policy: Policy, work: PolicySubject): WorkRules => {
  if (work.kind === 'compute') return policy.compute;
  // A task can have the name of an inherited property, such as `constructor`.
  const named = Object.hasOwn(policy.tasks, work.taskName) ? policy.tasks[work.taskName] : undefined;
  return named ?? policy.otherTasks;
};

/** Returns the keys under which a policy file has, or would have, the rules for a task or for `/compute`. */
export const getRuleKeys = (policy: Policy, work: PolicySubject): string[] => {
  if (work.kind === 'compute') return ['compute'];
  return ['tasks', Object.hasOwn(policy.tasks, work.taskName) ? work.taskName : '*'];
};

/** The keys under which a policy file defines who can take and release locks. */
export const lockRuleKeys: readonly string[] = ['locks'];

/** Returns the rules for `/compute`, for each named task, and for all other tasks. */
export const getAllWorkRules = ({ compute, otherTasks, tasks }: Policy): WorkRules[] => [
  compute,
  otherTasks,
  ...Object.values(tasks),
];

/** Returns whether any work needs an approval. */
export const needsApprovals = (policy: Policy): boolean =>
  getAllWorkRules(policy).some(({ approval }) => approval !== null);

/** Returns whether commands are accepted on a thread. Labels are not case-sensitive, as on GitHub. */
export const isThreadAllowed = (
  { threads }: Policy,
  kind: ThreadRef['kind'],
  labels: readonly string[],
): boolean => {
  if (!(kind === 'issue' ? threads.issues : threads.pullRequests)) return false;
  const wanted = threads.labels.map((label) => label.toLowerCase());
  return wanted.length === 0 || labels.some((label) => wanted.includes(label.toLowerCase()));
};

/** A violation of the policy by a value; without the value itself, which may be secret. */
type PolicyViolation = { name: string; code: 'pattern-mismatch' | 'not-allowed'; expected: string };

/** Returns the violations by these values. A parameter without a value violates nothing. */
export const findViolations = (
  { parameters }: WorkRules,
  values: Readonly<Record<string, string>>,
): PolicyViolation[] => {
  const matcher = new CommandPatternMatcher();
  return Object.entries(parameters).flatMap(([name, rule]) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    const broken = value === undefined ? undefined : checkValue(rule, value, matcher);
    return broken ? [{ name, ...broken }] : [];
  });
};

/** The maximum length of a value that is matched against a pattern, in bytes. */
const maxValueBytes = 1_024;

const checkValue = (
  { pattern, allowed }: ValueRule,
  value: string,
  matcher: CommandPatternMatcher,
): Omit<PolicyViolation, 'name'> | undefined => {
  if (allowed && !allowed.includes(value))
    return { code: 'not-allowed', expected: `one of ${allowed.join(', ')}` };
  if (pattern === null) return undefined;
  const bytes = Buffer.byteLength(value);
  if (bytes > maxValueBytes) return { code: 'pattern-mismatch', expected: `at most ${maxValueBytes} bytes` };
  const outcome = matcher.match(pattern, value);
  if (outcome === 'match') return undefined;
  const expected = outcome === 'exhausted' ? expectedFewerSteps : `a text that matches ${pattern} as a whole`;
  return { code: 'pattern-mismatch', expected };
};

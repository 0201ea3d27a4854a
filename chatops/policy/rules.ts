import { BoundedMatcher, expectedFewerSteps } from '../command/values/pattern.ts';
import type { ThreadRef } from '../incoming-comment.ts';
import type { Policy, ValueRule, WorkRules } from './policy.ts';

/** What the policy has rules for. */
type PolicySubject = { kind: 'run'; taskName: string } | { kind: 'compute' };

/** The rules that hold for a task, or for `/compute`. */
export const getWorkRules = (policy: Policy, work: PolicySubject): WorkRules => {
  if (work.kind === 'compute') return policy.compute;
  // A task may have the name of something that every object inherits.
  const named = Object.hasOwn(policy.tasks, work.taskName) ? policy.tasks[work.taskName] : undefined;
  return named ?? policy.otherTasks;
};

/** The keys under which a policy file has, or may have, the rules that hold for a task, or for `/compute`. */
export const getRuleKeys = (policy: Policy, work: PolicySubject): string[] => {
  if (work.kind === 'compute') return ['compute'];
  return ['tasks', Object.hasOwn(policy.tasks, work.taskName) ? work.taskName : '*'];
};

/** The key under which a policy file says who may take and release locks. */
export const lockRuleKeys: readonly string[] = ['locks'];

/** Returns the rules of all work: of `/compute`, and of each task that is named, or is not. */
export const getAllWorkRules = ({ compute, otherTasks, tasks }: Policy): WorkRules[] => [
  compute,
  otherTasks,
  ...Object.values(tasks),
];

/** Returns whether any work needs an approval. */
export const needsApprovals = (policy: Policy): boolean =>
  getAllWorkRules(policy).some(({ approval }) => approval !== null);

/** Whether commands are taken on a thread. Labels are compared in any case, as GitHub does. */
export const isThreadAllowed = (
  { threads }: Policy,
  kind: ThreadRef['kind'],
  labels: readonly string[],
): boolean => {
  if (!(kind === 'issue' ? threads.issues : threads.pullRequests)) return false;
  const wanted = threads.labels.map((label) => label.toLowerCase());
  return wanted.length === 0 || labels.some((label) => wanted.includes(label.toLowerCase()));
};

/** A value that the policy does not take. Never the value itself: it may be secret. */
type PolicyViolation = { name: string; code: 'pattern-mismatch' | 'not-allowed'; expected: string };

/** The values that break a rule. What has no value breaks none. */
export const findViolations = (
  { parameters }: WorkRules,
  values: Readonly<Record<string, string>>,
): PolicyViolation[] => {
  const matcher = new BoundedMatcher();
  return Object.entries(parameters).flatMap(([name, rule]) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    const broken = value === undefined ? undefined : checkValue(rule, value, matcher);
    return broken ? [{ name, ...broken }] : [];
  });
};

/** The longest value that is held against a rule, in bytes. */
const maxValueBytes = 1_024;

const checkValue = (
  { pattern, allowed }: ValueRule,
  value: string,
  matcher: BoundedMatcher,
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

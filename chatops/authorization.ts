import * as v from 'valibot';
import type { Job } from '../compute/client/index.ts';
import type { Author } from './incoming-comment.ts';
import { parseNotes } from './job/index.ts';
import {
  defaultPolicy,
  evaluateRule,
  getAllWorkRules,
  getWorkRules,
  listsApp,
  type AuthorAccess,
  type RuleDecision,
} from './policy/index.ts';
import type { AccessRule, Policy, PolicyProblem } from './policy/policy.ts';

/** What the policy has rules for. */
export type PolicySubject = { kind: 'run'; taskName: string } | { kind: 'compute' };

/** The author of a comment, and the policy that applies to it. */
type AuthorizationContext = {
  comment: { author: Author };
  policy: Policy;
  policyProblems: readonly PolicyProblem[] | undefined;
  authorAccess: AuthorAccess;
};

const TaskRequestView = v.object({ taskName: v.string() });

/** Returns the policy subject of a job. A task job without a task name gets the rules of other tasks. */
export const toSubject = ({ kind, request }: Job): PolicySubject => {
  if (kind === 'compute') return { kind };
  const task = v.safeParse(TaskRequestView, request);
  return { kind: 'run', taskName: task.success ? task.output.taskName : '' };
};

/** Returns whether a rule allows the comment's author, and why. */
export const evaluateForAuthor = (
  rule: AccessRule,
  { comment, authorAccess }: AuthorizationContext,
): Promise<RuleDecision> => evaluateRule(rule, comment.author, authorAccess);

/** Returns whether the comment's author may run something, and why. */
export const evaluateRun = (subject: PolicySubject, context: AuthorizationContext): Promise<RuleDecision> =>
  evaluateForAuthor(getWorkRules(context.policy, subject).allow, context);

/**
 * Returns whether the comment's author requested a job. A person who posts through an app counts as the requester only of jobs that
 * they requested through the same app.
 */
export const isRequester = (
  { origin }: Job,
  { comment: { author } }: Pick<AuthorizationContext, 'comment'>,
): boolean => {
  const { requester, app } = parseNotes(origin);
  if (requester !== author.id) return false;
  return author.kind !== 'person-via-app' || (author.app !== null && author.app === app);
};

/** Returns the tasks of the catalogue that the comment's author may run, and whether they may run `/compute`. */
export const listAllowedWork = async (
  context: AuthorizationContext,
  catalogue: readonly { taskName: string }[],
): Promise<{ tasks: string[]; compute: boolean }> => {
  const names = catalogue.map(({ taskName }) => taskName);
  const decisions = await Promise.all(
    names.map((taskName) => evaluateRun({ kind: 'run', taskName }, context)),
  );
  const compute = await evaluateRun({ kind: 'compute' }, context);
  return { tasks: names.filter((_, n) => decisions[n]?.allowed), compute: compute.allowed };
};

/** Returns whether the comment's author may run anything that the policy has rules for. */
export const mayRunSomething = (context: AuthorizationContext): Promise<boolean> =>
  isAllowedByAny(
    getAllWorkRules(context.policy).map(({ allow }) => allow),
    context,
  );

/** Returns whether the comment's author may run, approve or lock anything. */
export const mayDoSomething = (context: AuthorizationContext): Promise<boolean> => {
  const rules = getAllWorkRules(context.policy).flatMap(({ allow, approval }) =>
    approval ? [allow, approval.from] : [allow],
  );
  return isAllowedByAny([...rules, context.policy.locks.allow], context);
};

/**
 * Returns whether the comment's author cannot run, approve or lock anything. An invalid policy allows nothing to anyone; people who
 * can repair it do not count as readers.
 */
export const isReader = async (context: AuthorizationContext): Promise<boolean> =>
  context.policyProblems
    ? !(await evaluateForAuthor(defaultPolicy.compute.allow, context)).allowed
    : !(await mayDoSomething(context));

const isAllowedByAny = async (
  rules: readonly AccessRule[],
  context: AuthorizationContext,
): Promise<boolean> => {
  const { author } = context.comment;
  // A rule that does not list the app cannot allow the comment, so GitHub is not asked about the person.
  const open = author.kind === 'person-via-app' ? rules.filter((rule) => listsApp(rule, author.app)) : rules;
  for (const rule of open) if ((await evaluateForAuthor(rule, context)).allowed) return true;
  return false;
};

import * as v from 'valibot';
import type { Job } from '../compute/client/index.ts';
import {
  evaluateRule,
  defaultPolicy,
  listsApp,
  getWorkRules,
  getAllWorkRules,
  type RuleDecision,
} from './policy/index.ts';
import type { AccessRule } from './policy/policy.ts';
import { parseNotes } from './job/index.ts';
import type { CatalogueTask, CommandContext } from './command-context.ts';

/** What the policy has rules for. */
export type PolicySubject = { kind: 'run'; taskName: string } | { kind: 'compute' };

const TaskRequestView = v.object({ taskName: v.string() });

/** What a job runs, as the policy sees it. A task without a name is none that a policy knows by its own. */
export const toSubject = ({ kind, request }: Job): PolicySubject => {
  if (kind === 'compute') return { kind };
  const task = v.safeParse(TaskRequestView, request);
  return { kind: 'run', taskName: task.success ? task.output.taskName : '' };
};

/** Whether the comment's author is meant by a rule. */
export const evaluateForAuthor = (
  rule: AccessRule,
  { comment, standing }: CommandContext,
): Promise<RuleDecision> => evaluateRule(rule, comment.author, standing);

/** Whether the comment's author may run something. */
export const evaluateRun = (subject: PolicySubject, visit: CommandContext): Promise<RuleDecision> =>
  evaluateForAuthor(getWorkRules(visit.policy, subject).allow, visit);

/** Returns whether the comment's author requested a job. A person who posts through an app counts as the requester only of jobs that they requested through the same app. */
export const isRequester = ({ origin }: Job, { comment: { author } }: CommandContext): boolean => {
  const { requester, app } = parseNotes(origin);
  if (requester !== author.id) return false;
  return author.kind !== 'person-via-app' || (author.app !== null && author.app === app);
};

/** The tasks that the comment's author may run, of those in the catalogue; and whether `/compute` too. */
export const listAllowedWork = async (
  visit: CommandContext,
  catalogue: readonly CatalogueTask[],
): Promise<{ tasks: string[]; compute: boolean }> => {
  const names = catalogue.map(({ taskName }) => taskName);
  const decisions = await Promise.all(names.map((taskName) => evaluateRun({ kind: 'run', taskName }, visit)));
  const compute = await evaluateRun({ kind: 'compute' }, visit);
  return { tasks: names.filter((_, n) => decisions[n]?.allowed), compute: compute.allowed };
};

/** Whether the comment's author may run anything that the policy or the catalogue names. */
export const mayRunSomething = (visit: CommandContext): Promise<boolean> =>
  isAllowedByAny(
    getAllWorkRules(visit.policy).map(({ allow }) => allow),
    visit,
  );

/** Whether the comment's author may run, approve or lock anything. */
export const mayDoSomething = (visit: CommandContext): Promise<boolean> => {
  const rules = getAllWorkRules(visit.policy).flatMap(({ allow, approval }) =>
    approval ? [allow, approval.from] : [allow],
  );
  return isAllowedByAny([...rules, visit.policy.locks.allow], visit);
};

/**
 * Returns whether the comment's author cannot run, approve or lock anything. A broken policy allows nothing to anyone; people who
 * can repair it do not count as readers.
 */
export const isReader = async (visit: CommandContext): Promise<boolean> =>
  visit.broken
    ? !(await evaluateForAuthor(defaultPolicy.compute.allow, visit)).allowed
    : !(await mayDoSomething(visit));

const isAllowedByAny = async (rules: readonly AccessRule[], visit: CommandContext): Promise<boolean> => {
  const { author } = visit.comment;
  // A rule that does not list the app cannot allow the comment, so GitHub is not asked about the person.
  const open = author.kind === 'person-via-app' ? rules.filter((rule) => listsApp(rule, author.app)) : rules;
  for (const rule of open) if ((await evaluateForAuthor(rule, visit)).allowed) return true;
  return false;
};

import * as v from 'valibot';
import type { Job } from '../compute/client/index.ts';
import { decide, defaultPolicy, listsApp, rulesOf, workRulesOf, type Decision } from './policy/index.ts';
import type { Rule } from './policy/policy.ts';
import { notesOf } from './job/index.ts';
import type { CatalogueTask, Visit } from './command-context.ts';

/** What the policy has rules for. */
export type Subject = { kind: 'run'; taskName: string } | { kind: 'compute' };

const Task = v.object({ taskName: v.string() });

/** What a job runs, as the policy sees it. A task without a name is none that a policy knows by its own. */
export const subjectOf = ({ kind, request }: Job): Subject => {
  if (kind === 'compute') return { kind };
  const task = v.safeParse(Task, request);
  return { kind: 'run', taskName: task.success ? task.output.taskName : '' };
};

/** Whether the comment's author is meant by a rule. */
export const isMeant = (rule: Rule, { comment, standing }: Visit): Promise<Decision> =>
  decide(rule, comment.author, standing);

/** Whether the comment's author may run something. */
export const mayRun = (subject: Subject, visit: Visit): Promise<Decision> =>
  isMeant(rulesOf(visit.policy, subject).allow, visit);

/** Returns whether the comment's author requested a job. A person who posts through an app counts as the requester only of jobs that they requested through the same app. */
export const isRequester = ({ origin }: Job, { comment: { author } }: Visit): boolean => {
  const { requester, app } = notesOf(origin);
  if (requester !== author.id) return false;
  return author.kind !== 'person-via-app' || (author.app !== null && author.app === app);
};

/** The tasks that the comment's author may run, of those in the catalogue; and whether `/compute` too. */
export const allowedWork = async (
  visit: Visit,
  catalogue: readonly CatalogueTask[],
): Promise<{ tasks: string[]; compute: boolean }> => {
  const names = catalogue.map(({ taskName }) => taskName);
  const decisions = await Promise.all(names.map((taskName) => mayRun({ kind: 'run', taskName }, visit)));
  const compute = await mayRun({ kind: 'compute' }, visit);
  return { tasks: names.filter((_, n) => decisions[n]?.allowed), compute: compute.allowed };
};

/** Whether the comment's author may run anything that the policy or the catalogue names. */
export const mayRunSomething = (visit: Visit): Promise<boolean> =>
  isMeantByAny(
    workRulesOf(visit.policy).map(({ allow }) => allow),
    visit,
  );

/** Whether the comment's author may run, approve or lock anything. */
export const maySomething = (visit: Visit): Promise<boolean> => {
  const rules = workRulesOf(visit.policy).flatMap(({ allow, approval }) =>
    approval ? [allow, approval.from] : [allow],
  );
  return isMeantByAny([...rules, visit.policy.locks.allow], visit);
};

/**
 * Returns whether the comment's author cannot run, approve or lock anything. A broken policy allows nothing to anyone; people who
 * can repair it do not count as readers.
 */
export const isReader = async (visit: Visit): Promise<boolean> =>
  visit.broken ? !(await isMeant(defaultPolicy.compute.allow, visit)).allowed : !(await maySomething(visit));

const isMeantByAny = async (rules: readonly Rule[], visit: Visit): Promise<boolean> => {
  const { author } = visit.comment;
  // A rule that does not list the app cannot allow the comment, so GitHub is not asked about the person.
  const open = author.kind === 'person-via-app' ? rules.filter((rule) => listsApp(rule, author.app)) : rules;
  for (const rule of open) if ((await isMeant(rule, visit)).allowed) return true;
  return false;
};

import * as v from 'valibot';
import { PolicyFile } from './policy-schema.ts';
import type { Policy, Rule, ValueRule, WorkRules } from './policy.ts';
import type { RuleFile } from './rule-schema.ts';
import { TaskFile, type ComputeFile } from './task-schema.ts';

const ruleOf = ({ permission, everyone, teams, users, bots }: RuleFile): Rule => ({
  permission: permission ?? null,
  everyone,
  teams,
  users,
  bots,
});

const rulesOf = ({ allow, parameters, approval, lock, limits }: TaskFile | ComputeFile): WorkRules => ({
  allow: ruleOf(allow),
  parameters: mapped(parameters, ({ pattern = null, allowed = null }): ValueRule => ({ pattern, allowed })),
  approval: approval
    ? { from: ruleOf(approval.from), count: approval.count, expiresSeconds: approval.expires }
    : null,
  lock: lock ? { key: lock.key, when: lock.when } : null,
  limits: {
    timeoutSeconds: limits.timeout ?? null,
    concurrent: limits.concurrent ?? null,
    inputs: 'inputs' in limits ? (limits.inputs ?? null) : null,
  },
});

const mapped = <A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

/** The policy that a file means, with all that it leaves out. */
export const filledIn = (file: PolicyFile): Policy => {
  const { '*': others = v.parse(TaskFile, {}), ...tasks } = file.tasks;
  return {
    entry: file.entry ?? null,
    prefix: { name: file.prefix.name, required: file.prefix.required },
    tasks: mapped(tasks, rulesOf),
    otherTasks: rulesOf(others),
    compute: rulesOf(file.compute),
    locks: { allow: ruleOf(file.locks.allow) },
    threads: file.threads,
    notify: { when: file.notify.when },
    checks: file.checks,
  };
};

/** The policy of a repository without a file: who may write may do all. */
export const defaultPolicy: Policy = filledIn(v.parse(PolicyFile, { version: 1 }));

const closed = v.parse(PolicyFile, {
  version: 1,
  tasks: { '*': { allow: {} } },
  compute: { allow: {} },
  locks: { allow: {} },
});

/** The policy where the file is broken: nobody may do anything. */
export const closedPolicy: Policy = filledIn(closed);

import * as v from 'valibot';
import { PolicyFile } from './policy-schema.ts';
import type { Policy, AccessRule, ValueRule, WorkRules } from './policy.ts';
import type { RuleFile } from './rule-schema.ts';
import { TaskFile, type ComputeFile } from './task-schema.ts';

const toRule = ({ permission, everyone, teams, users, bots }: RuleFile): AccessRule => ({
  permission: permission ?? null,
  everyone,
  teams,
  users,
  bots,
});

const toWorkRules = ({ allow, parameters, approval, lock, limits }: TaskFile | ComputeFile): WorkRules => ({
  allow: toRule(allow),
  parameters: mapValues(parameters, ({ pattern = null, allowed = null }): ValueRule => ({
    pattern,
    allowed,
  })),
  approval: approval
    ? { from: toRule(approval.from), count: approval.count, expiresSeconds: approval.expires }
    : null,
  lock: lock ? { key: lock.key, when: lock.when } : null,
  limits: {
    timeoutSeconds: limits.timeout ?? null,
    concurrent: limits.concurrent ?? null,
    inputs: 'inputs' in limits ? (limits.inputs ?? null) : null,
  },
});

const mapValues = <A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

/** Converts a parsed file to a policy with all defaults filled in. */
export const toPolicy = (file: PolicyFile): Policy => {
  const { '*': others = v.parse(TaskFile, {}), ...tasks } = file.tasks;
  return {
    entry: file.entry ?? null,
    prefix: { name: file.prefix.name, required: file.prefix.required },
    tasks: mapValues(tasks, toWorkRules),
    otherTasks: toWorkRules(others),
    compute: toWorkRules(file.compute),
    locks: {
      allow: toRule(file.locks.allow),
      end: { seconds: file.locks.for ?? null, untilClosed: file.locks.until === 'closed' },
    },
    threads: file.threads,
    notify: { when: file.notify.when },
    checks: file.checks,
  };
};

/** The policy of a repository without a file: everyone with write access can use all commands. */
export const defaultPolicy: Policy = toPolicy(v.parse(PolicyFile, { version: 1 }));

const closedPolicyFile = v.parse(PolicyFile, {
  version: 1,
  tasks: { '*': { allow: {} } },
  compute: { allow: {} },
  locks: { allow: {} },
});

/** The policy of a repository with an invalid file: it allows nothing. */
export const closedPolicy: Policy = toPolicy(closedPolicyFile);

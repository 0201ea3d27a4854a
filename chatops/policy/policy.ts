import type { PermissionLevel } from './permission-level.ts';

/** Who is allowed: everyone who meets at least one of these conditions. Logins and teams in lower case. */
export type AccessRule = {
  /** At least this level on the repository; null: no level suffices. */
  permission: Exclude<PermissionLevel, 'none'> | null;
  /** Without it, `permission: read` on a public repository matches only people with more than read access. */
  everyone: boolean;
  /** `org/slug`. */
  teams: readonly string[];
  users: readonly string[];
  /** Logins such as `dependabot[bot]`; other bots cannot use commands. */
  bots: readonly string[];
};

type ApprovalRule = { from: AccessRule; count: number; expiresSeconds: number };

/** `key`: a template such as `vm/${VMName}`. */
export type LockRule = { key: string; when: 'queue' | 'refuse' };

/** Restricts a parameter's value, in addition to its definition. `pattern`: RE2, matched against the whole value. */
export type ValueRule = { pattern: string | null; allowed: readonly string[] | null };

/** The rules for one task or for `/compute`. Null: the policy sets no limit. */
export type WorkRules = {
  allow: AccessRule;
  parameters: Readonly<Record<string, ValueRule>>;
  approval: ApprovalRule | null;
  lock: LockRule | null;
  limits: { timeoutSeconds: number | null; concurrent: number | null; inputs: number | null };
};

export const notifyOptions = ['never', 'failure', 'long', 'always'] as const;
type NotifyWhen = (typeof notifyOptions)[number];

/** A repository's policy, with all defaults filled in. */
export type Policy = {
  /** Which of the two answers if both bot and Action are installed; null: the first that claims a comment. */
  entry: 'app' | 'action' | null;
  prefix: { name: string; required: boolean };
  tasks: Readonly<Record<string, WorkRules>>;
  /** The rules for tasks that are not named. */
  otherTasks: WorkRules;
  compute: WorkRules;
  /** `end`: when a lock that a person takes ends, unless the command says otherwise. */
  locks: { allow: AccessRule; end: { seconds: number | null; untilClosed: boolean } };
  threads: { issues: boolean; pullRequests: boolean; labels: readonly string[] };
  notify: { when: NotifyWhen };
  /** Whether each job of a pull request shows as a check run. */
  checks: boolean;
};

/** A problem in a policy file. `path`: `tasks.StopVM.allow`; line and column from 1. */
export type PolicyProblem = {
  line: number;
  column: number;
  path: string;
  message: string;
  expected: string | null;
  received: string | null;
};

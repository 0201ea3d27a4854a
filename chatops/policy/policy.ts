import type { PermissionLevel } from './permission-level.ts';

/** Who is meant: everybody of whom one of these holds. Logins and teams in lower case. */
export type AccessRule = {
  /** At least this level on the repository; null: no level suffices. */
  permission: Exclude<PermissionLevel, 'none'> | null;
  /** Without it, `permission: read` on a public repository means those with more than read: read is what everybody has there. */
  everyone: boolean;
  /** `org/slug`. */
  teams: readonly string[];
  users: readonly string[];
  /** Logins such as `dependabot[bot]`; no other program gives commands. */
  bots: readonly string[];
};

export type ApprovalRule = { from: AccessRule; count: number; expiresSeconds: number };

/** `key`: a template such as `vm/${VMName}`. */
export type LockRule = { key: string; when: 'queue' | 'refuse' };

/** What a parameter's value has to be, beyond what its definition says. `pattern`: RE2, matched as a whole. */
export type ValueRule = { pattern: string | null; allowed: readonly string[] | null };

/** What holds for one task, or for `/compute`. Null: no bound by the policy. */
export type WorkRules = {
  allow: AccessRule;
  parameters: Readonly<Record<string, ValueRule>>;
  approval: ApprovalRule | null;
  lock: LockRule | null;
  limits: { timeoutSeconds: number | null; concurrent: number | null; inputs: number | null };
};

export const notifyOptions = ['never', 'failure', 'long', 'always'] as const;
export type NotifyWhen = (typeof notifyOptions)[number];

/** A repository's policy, with all that was left out filled in. */
export type Policy = {
  /** Which entry answers where bot and Action are both installed; null: whoever comes to a comment first. */
  entry: 'app' | 'action' | null;
  prefix: { name: string; required: boolean };
  tasks: Readonly<Record<string, WorkRules>>;
  /** Of tasks that are not named. */
  otherTasks: WorkRules;
  compute: WorkRules;
  locks: { allow: AccessRule };
  threads: { issues: boolean; pullRequests: boolean; labels: readonly string[] };
  notify: { when: NotifyWhen };
  /** Whether each job of a pull request shows as a check run. */
  checks: boolean;
};

/** What is wrong with a policy file. `path`: `tasks.StopVM.allow`; line and column from 1. */
export type PolicyProblem = {
  line: number;
  column: number;
  path: string;
  message: string;
  expected: string | null;
  received: string | null;
};

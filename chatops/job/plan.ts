import type { LockRule, AccessRule } from '../policy/policy.ts';

/** What runs: one exact task, or one exact computation. */
export type JobWork =
  | {
      kind: 'task';
      taskName: string;
      image: string;
      script: string;
      /** sha256 of definition and script; null if the orchestrator does not tell. */
      digests: { definition: string; script: string | null } | null;
    }
  | {
      kind: 'compute';
      algorithm: string | null;
      inputCount: number;
      blockSize: number | null;
      /** From the repository: where they stand, and what they are. */
      inputs: { path: string; commit: string; sha256: string } | null;
    };

/** All that is known of a command before it starts a job: what would run, and under which conditions. */
export type JobPlan = {
  /** The command as it is shown: values of secret parameters masked. */
  command: string;
  work: JobWork;
  /** As shown, in the order of their names. */
  parameters: readonly { name: string; value: string; source: 'given' | 'default' }[];
  timeoutSeconds: number | null;
  /** How many such jobs of the repository run at once. */
  concurrent: number | null;
  /** `key` is the lock's own, its parameters filled in. */
  lock: { key: string; when: LockRule['when'] } | null;
  approval: { from: AccessRule; count: number; expiresSeconds: number; code: string } | null;
  /** What an approver should look at twice. */
  warnings: readonly string[];
  /** The policy's commit; null without a policy file. */
  policy: string | null;
};

import type { TaskRunner } from '../../contracts/task-definition.ts';
import type { AccessRule, LockRule } from '../policy/policy.ts';
import type { JobValue, RedactedValue } from './job-values.ts';
import type { JobNotes } from './notes.ts';

/** What a job runs: a task with exact digests, or a computation with exact inputs. */
export type JobWork =
  | {
      kind: 'task';
      taskName: string;
      image: string;
      script: string;
      /** sha256 of definition and script; null if the orchestrator does not provide them. */
      digests: { definition: string; script: string | null } | null;
      /** What the definition asks of the runner. */
      runner?: TaskRunner | undefined;
    }
  | {
      kind: 'compute';
      algorithm: string | null;
      inputCount: number;
      blockSize: number | null;
      /** Inputs from the repository: their file and commit, and the sha256 of their content. */
      inputs: { path: string; commit: string; sha256: string } | null;
    };

/** What a command would run before the policy is checked. `timeoutSeconds`: the requested timeout, or that of the task's definition. */
export type JobDraft = { work: JobWork; values: JobValue[]; timeoutSeconds: number | null };

/** What a command would run, and under which conditions. */
export type JobPlan = {
  /** The command as shown: values of secret parameters are masked. */
  command: string;
  /** The same command as written; undefined if it is not known. */
  written?: string | undefined;
  work: JobWork;
  /** Sorted by name. */
  parameters: readonly RedactedValue[];
  timeoutSeconds: number | null;
  /** The maximum number of such jobs of the repository that run at once. */
  concurrent: number | null;
  /** `key`: with the values of its parameters. */
  lock: { key: string; when: LockRule['when'] } | null;
  approval: { from: AccessRule; count: number; expiresSeconds: number; code: string } | null;
  /** Sentences that warn an approver of misleading values. */
  warnings: readonly string[];
  /** The policy's commit; null without a policy file. */
  policy: string | null;
};

/** A plan with the job's values and notes. `hash`: the sha256 of exactly what would run. */
export type PlannedJob = { plan: JobPlan; values: readonly JobValue[]; notes: JobNotes; hash: string };

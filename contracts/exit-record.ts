import * as v from 'valibot';
import { JobId } from './ids.ts';

/** `exit.json`: how a task's script ended. Write-once. */
export const ExitRecord = v.object({
  v: v.literal(1),
  job: JobId,
  /** Null if a signal ended it, or if it never started. */
  exitCode: v.nullable(v.number()),
  signal: v.nullable(v.string()),
  timedOut: v.boolean(),
  startedAt: v.string(),
  endedAt: v.string(),
  /** Why the script did not start, as a reason of the job and a sentence; absent when it did. */
  notStarted: v.optional(
    v.object({
      reason: v.picklist(['script-missing', 'definition-invalid', 'launch-failed']),
      message: v.string(),
    }),
  ),
});
export type ExitRecord = v.InferOutput<typeof ExitRecord>;

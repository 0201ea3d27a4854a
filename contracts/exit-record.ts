import * as v from 'valibot';
import { JobId } from './ids.ts';

/** `exit.json`: how a task's script ended. It is written once. */
export const ExitRecord = v.object({
  v: v.literal(1),
  job: JobId,
  /** Null if a signal ended the script, or if it did not start. */
  exitCode: v.nullable(v.number()),
  signal: v.nullable(v.string()),
  timedOut: v.boolean(),
  startedAt: v.string(),
  endedAt: v.string(),
  /**
   * Why the script did not start, as a reason and a sentence; missing if it did. The reasons are those of jobs, except
   * `identity-unavailable`: the task's managed identity got no token in time.
   */
  notStarted: v.optional(
    v.object({
      reason: v.picklist(['script-missing', 'definition-invalid', 'launch-failed', 'identity-unavailable']),
      message: v.string(),
    }),
  ),
});
export type ExitRecord = v.InferOutput<typeof ExitRecord>;

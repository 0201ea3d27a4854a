import * as v from 'valibot';
import { JobId } from './ids.ts';
import { nonNegativeInteger } from './json-values.ts';

/** The answer of `GET /api/jobs/{id}/log?offset=`: a part of a task's log. */
export const LogPart = v.object({
  v: v.literal(1),
  id: JobId,
  /** Whole characters; bytes that are not UTF-8 are U+FFFD. Raw and untrusted. */
  text: v.string(),
  /** The byte offset after `text`. */
  offset: nonNegativeInteger,
  /** The size of the whole log so far, in bytes. */
  bytes: nonNegativeInteger,
  /** Whether the job has ended, so that the log no longer grows. */
  ended: v.boolean(),
});
export type LogPart = v.InferOutput<typeof LogPart>;

/** The bounds on `bytes` of a part. A character of UTF-8 has at most 4 bytes, so each part contains at least one. */
export const partBytes = { min: 4, max: 262_144, default: 16_384 };

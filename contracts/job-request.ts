import * as v from 'valibot';
import { Conditions } from './conditions.ts';
import { JobId } from './ids.ts';
import { integerInRange, plainObject, scalar, Sha256 } from './json-values.ts';
import { namePattern } from './names.ts';
import { Origin } from './origin.ts';

/** Bounds of a request, which an operator may lower; the error names the bound. */
export const limits = {
  inputs: 10_000_000,
  blocks: 20_000,
  timeoutSeconds: 7 * 86_400,
  /** Bytes of inputs that are uploaded at once. */
  inputBytes: 10 * 1024 * 1024,
} as const;

/** Blocks of a job for which nobody asked for a block size. */
const defaultBlocks = 1_000;

export const defaultTimeoutSeconds = 86_400;
const defaultAlgorithm = 'monte-carlo-pi';

const name = v.pipe(
  v.string(),
  v.regex(namePattern, 'expected a name: a letter, then up to 62 letters, digits, "_", "." or "-"'),
);

/** Names with a special meaning in JavaScript, which a record schema would drop silently. */
const unsafeNames = ['__proto__', 'prototype', 'constructor'];

const safeNames = v.check<Record<string, unknown>, string>(
  (object) => !unsafeNames.some((unsafe) => Object.hasOwn(object, unsafe)),
  `expected other names than ${unsafeNames.join(', ')}`,
);

/** The longest value of a task's parameter: an environment variable takes no more than four times as much. */
export const maxValueLength = 32_768;

const value = v.pipe(
  v.string(),
  v.maxLength(maxValueLength, `expected at most ${maxValueLength} characters`),
);

/** The largest origin, in characters of JSON: it is in every view of the job. */
const maxOriginLength = 16_384;

/** A timeout of at most so many seconds; one that is not asked for is a day, or as much. */
export const timeoutSchema = (maxSeconds: number) =>
  v.optional(integerInRange(1, maxSeconds), Math.min(defaultTimeoutSeconds, maxSeconds));

const shared = {
  v: v.optional(v.literal(1)),
  jobId: v.optional(JobId),
  /** What has to hold before its work begins. */
  conditions: v.optional(Conditions),
  /** An ended job whose failed blocks, or whose task, this one runs again. */
  retryOf: v.optional(JobId),
  timeoutSeconds: timeoutSchema(limits.timeoutSeconds),
  origin: v.optional(
    v.pipe(
      plainObject,
      Origin,
      v.check(
        (origin) => JSON.stringify(origin).length <= maxOriginLength,
        `expected at most ${maxOriginLength} characters of JSON`,
      ),
    ),
    {},
  ),
};

/** The body of `POST /api/orchestrators/ComputeOrchestrator`. `inputCount` may stand in the query instead. */
export const ComputeRequest = v.object({
  ...shared,
  inputCount: integerInRange(1, limits.inputs),
  algorithm: v.optional(name, defaultAlgorithm),
  parameters: v.optional(v.pipe(plainObject, safeNames, v.record(name, scalar)), {}),
  /** Inputs a block. Without it, as few as keep the job at 1 000 blocks. */
  blockSize: v.optional(integerInRange(1, limits.inputs)),
  /** Inputs that were uploaded (`POST /api/inputs`), as many as `inputCount` says; without them the algorithm makes its own. */
  inputs: v.optional(v.object({ sha256: Sha256 })),
});
export type ComputeRequest = v.InferOutput<typeof ComputeRequest>;

/** The body of `POST /api/tasks`. */
export const TaskRequest = v.object({
  ...shared,
  taskName: name,
  parameters: v.optional(v.array(v.object({ name: v.string(), value })), []),
  /** Without it, the definition's own. */
  timeoutSeconds: v.optional(integerInRange(1, limits.timeoutSeconds)),
  /** Runs only while definition and script are still these, by the digests that `GET /api/tasks` shows. */
  pin: v.optional(v.object({ definition: Sha256, script: v.nullable(Sha256) })),
});
export type TaskRequest = v.InferOutput<typeof TaskRequest>;

/** Inputs a block of a compute request: given, or as few as keep the job at 1 000 blocks. */
export const getBlockSize = (request: ComputeRequest): number =>
  request.blockSize ?? Math.ceil(request.inputCount / defaultBlocks);

export const getBlockCount = (request: ComputeRequest): number =>
  Math.ceil(request.inputCount / getBlockSize(request));

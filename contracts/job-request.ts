import * as v from 'valibot';
import { Conditions } from './conditions.ts';
import { JobId } from './ids.ts';
import { integerInRange, plainObject, scalar, Sha256 } from './json-values.ts';
import { namePattern } from './names.ts';
import { Origin } from './origin.ts';

/** The bounds of a request, which an operator can lower. Errors name the bound. */
export const limits = {
  inputs: 10_000_000,
  blocks: 20_000,
  timeoutSeconds: 7 * 86_400,
  /** The maximum size of an upload of inputs, in bytes. */
  inputBytes: 10 * 1024 * 1024,
} as const;

/** The maximum number of blocks of a job without a block size. */
const defaultBlocks = 1_000;

export const defaultTimeoutSeconds = 86_400;
/** The algorithm of a computation whose request names none. */
export const defaultAlgorithm = 'monte-carlo-pi';

const name = v.pipe(
  v.string(),
  v.regex(namePattern, 'expected a name: a letter, then up to 62 letters, digits, "_", "." or "-"'),
);

/** Names with a special meaning in JavaScript. A record schema would drop them silently. */
const unsafeNames = ['__proto__', 'prototype', 'constructor'];

const safeNames = v.check<Record<string, unknown>, string>(
  (object) => !unsafeNames.some((unsafe) => Object.hasOwn(object, unsafe)),
  `expected other names than ${unsafeNames.join(', ')}`,
);

/** The maximum length of a task parameter's value. An environment variable can have four times as much. */
export const maxValueLength = 32_768;

const value = v.pipe(
  v.string(),
  v.maxLength(maxValueLength, `expected at most ${maxValueLength} characters`),
);

/** The maximum length of an origin as JSON, because it is in every view of the job. */
const maxOriginLength = 16_384;

/** Returns the schema of a timeout. The default is a day, or the maximum if that is less. */
export const timeoutSchema = (maxSeconds: number) =>
  v.optional(integerInRange(1, maxSeconds), Math.min(defaultTimeoutSeconds, maxSeconds));

const shared = {
  v: v.optional(v.literal(1)),
  jobId: v.optional(JobId),
  /** What the job waits for before its work begins. */
  conditions: v.optional(Conditions),
  /** The ended job whose failed blocks, or whose task, this one runs again. */
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

/** The body of `POST /api/orchestrators/ComputeOrchestrator`. `inputCount` can be in the query instead. */
export const ComputeRequest = v.object({
  ...shared,
  inputCount: integerInRange(1, limits.inputs),
  algorithm: v.optional(name, defaultAlgorithm),
  parameters: v.optional(v.pipe(plainObject, safeNames, v.record(name, scalar)), {}),
  /** The number of inputs per block. By default, the smallest with which the job has at most 1 000 blocks. */
  blockSize: v.optional(integerInRange(1, limits.inputs)),
  /** Uploaded inputs (`POST /api/inputs`); their number is `inputCount`. By default, the algorithm generates its inputs. */
  inputs: v.optional(v.object({ sha256: Sha256 })),
});
export type ComputeRequest = v.InferOutput<typeof ComputeRequest>;

/** The body of `POST /api/tasks`. */
export const TaskRequest = v.object({
  ...shared,
  taskName: name,
  parameters: v.optional(v.array(v.object({ name: v.string(), value })), []),
  /** By default, the timeout of the definition. */
  timeoutSeconds: v.optional(integerInRange(1, limits.timeoutSeconds)),
  /** The digests of definition and script from `GET /api/tasks`. The task runs only if they are unchanged. */
  pin: v.optional(v.object({ definition: Sha256, script: v.nullable(Sha256) })),
});
export type TaskRequest = v.InferOutput<typeof TaskRequest>;

/** Returns the number of inputs per block: as requested, or the smallest with which the job has at most 1 000 blocks. */
export const getBlockSize = (request: Pick<ComputeRequest, 'inputCount' | 'blockSize'>): number =>
  request.blockSize ?? Math.ceil(request.inputCount / defaultBlocks);

export const getBlockCount = (request: Pick<ComputeRequest, 'inputCount' | 'blockSize'>): number =>
  Math.ceil(request.inputCount / getBlockSize(request));

import * as v from 'valibot';
import { ComputeOffer } from './algorithm-list.ts';
import { lockList } from './conditions.ts';
import { integerInRange, plainObject, scalar, Sha256 } from './json-values.ts';
import { parameterNamePattern, taskNamePattern } from './names.ts';
import { limits } from './job-request.ts';
import { fileLimits } from './task-files.ts';
import { TaskLock } from './task-locks.ts';

const parameterTypes = ['string', 'number', 'integer', 'boolean'] as const;

/** A parameter's type. `int` means `integer`, and is read as `integer`. */
const parameterType = v.pipe(
  v.picklist([...parameterTypes, 'int'], `expected one of ${parameterTypes.join(', ')}`),
  v.transform((type) => (type === 'int' ? 'integer' : type)),
);

/** A parameter's name: as an environment variable's in Azure Container Instances (letters, digits, `_`, at most 63). */
const parameterName = v.pipe(
  v.string(),
  v.regex(parameterNamePattern, 'expected at most 63 letters, digits and "_", not starting with a digit'),
);

export const TaskParameter = v.object({
  parameterName,
  parameterType: v.optional(parameterType, 'string'),
  required: v.optional(v.boolean(), false),
  description: v.optional(v.string()),
  default: v.optional(scalar),
  /** The allowed values. */
  allowed: v.optional(v.array(scalar)),
  /** A regular expression that must match the whole value. */
  pattern: v.optional(v.string()),
  /** Whether the value is masked wherever it would be shown. */
  secret: v.optional(v.boolean(), false),
});
export type TaskParameter = v.InferOutput<typeof TaskParameter>;

/** Returns the schema of a number in a range with at most one decimal place. */
export const tenthsInRange = (min: number, max: number) => {
  const expected = `expected a number from ${min} to ${max} with at most one decimal place`;
  return v.pipe(
    v.number(expected),
    v.check((n) => n >= min && n <= max && Number(n.toFixed(1)) === n, expected),
  );
};

/**
 * The sizes of runners that a definition can ask for. A container group needs at least 1 CPU and 1 GB, and both have at most one decimal
 * place; the largest Linux group has 31 CPUs and 240 GB (Azure Container Instances: resource availability; `az container create`).
 */
export const runnerLimits = { minCpu: 1, maxCpu: 31, minMemoryGb: 1, maxMemoryGb: 240 } as const;

/** The name of a runner identity, as definitions and the setting COXSWAIN_RUNNER_IDENTITIES write it. */
export const RunnerIdentityName = v.pipe(
  v.string('expected the name of an identity'),
  v.regex(
    /^[A-Za-z][A-Za-z0-9_-]{0,62}$/,
    'expected the name of an identity: a letter, then letters, digits, "_" or "-", at most 63 characters',
  ),
);

/** What a definition asks of the runner of its task. Launchers that cannot provide it ignore it. */
export const TaskRunner = v.pipe(
  plainObject,
  v.object({
    /** The number of CPUs. */
    cpu: v.optional(tenthsInRange(runnerLimits.minCpu, runnerLimits.maxCpu)),
    memoryGb: v.optional(tenthsInRange(runnerLimits.minMemoryGb, runnerLimits.maxMemoryGb)),
    /** The managed identity that the script can use. */
    identity: v.optional(RunnerIdentityName),
  }),
);
export type TaskRunner = v.InferOutput<typeof TaskRunner>;

/** A task of the catalogue: `tasks/<Task>.json`. */
export const TaskDefinition = v.object({
  taskName: v.pipe(
    v.string(),
    v.regex(taskNamePattern, 'expected a letter, then letters, digits, "_" or "-"'),
  ),
  description: v.optional(v.string()),
  dockerImage: v.string(),
  /** The blob name of the script, beside the definition, without folders. */
  scriptName: v.pipe(
    v.string(),
    v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/, 'expected a file name without folders'),
  ),
  scriptParameters: v.optional(v.array(TaskParameter), []),
  timeoutSeconds: v.optional(integerInRange(1, limits.timeoutSeconds)),
  /** The locks that every job of the task needs. */
  locks: v.optional(lockList(TaskLock)),
  /** The maximum number of files that the task delivers; `fileLimits.defaultFiles` by default. */
  outputs: v.optional(integerInRange(1, fileLimits.files)),
  /** The runner that the task needs; ignored where runners are processes. */
  runner: v.optional(TaskRunner),
  /** The hash of the script; the runner refuses any other script. */
  sha256: v.optional(Sha256),
});
export type TaskDefinition = v.InferOutput<typeof TaskDefinition>;

/** The sha256 hashes of the definition's blob and of its script's (null without a script). */
export const TaskDigests = v.object({ definition: v.string(), script: v.nullable(v.string()) });
export type TaskDigests = v.InferOutput<typeof TaskDigests>;

/** The answer of `GET /api/tasks`: the tasks, the definitions that are not valid, and what `/compute` can compute. */
export const TaskList = v.object({
  v: v.literal(1),
  tasks: v.array(v.object({ ...TaskDefinition.entries, digests: v.optional(TaskDigests) })),
  invalid: v.array(v.object({ name: v.string(), message: v.string() })),
  /** Missing in an answer of an older version. */
  compute: v.optional(ComputeOffer),
});
export type TaskList = v.InferOutput<typeof TaskList>;

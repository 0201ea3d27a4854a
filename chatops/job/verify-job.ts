import { getRequestComment } from '../../contracts/origin.ts';
import * as v from 'valibot';
import type { Job, Origin } from '../../compute/client/index.ts';
import { defaultAlgorithm } from '../../contracts/job-request.ts';
import { interpret, type Command, type Intent } from '../command/index.ts';
import type { IncomingComment } from '../incoming-comment.ts';
import { isInRepository } from './find-jobs.ts';
import { parseNotes } from './notes.ts';
import { isMasked } from './job-values.ts';
import { isOriginTrusted } from './trusted-origin.ts';

/** The parts of a comment that determine which jobs belong to it. */
export type JobSource = Pick<IncomingComment, 'host' | 'thread' | 'author' | 'event'> & {
  comment: Pick<IncomingComment['comment'], 'id'>;
};

/**
 * Returns whether a job with a command's id is what the command requests. The id alone proves nothing, because it is derived from
 * public facts. Conditions are not compared, because the policy may have changed. For a job that another caller started, the
 * orchestrator decides, because it compares the whole request.
 */
export const isJobOfCommand = (job: Job, command: Command, comment: JobSource): boolean =>
  isOriginTrusted(job) && isRequestedJob(job, command, comment);

/**
 * Returns whether a job does what a command says, for the command's author and comment, regardless of who started it. For a job whose
 * origin is not trusted, everything that determines its result must follow from the command.
 */
export const isRequestedJob = (job: Job, command: Command, comment: JobSource): boolean =>
  isRequestedIn(job, comment) &&
  doesCommandWork(job, command) &&
  (isOriginTrusted(job) || isDeterminedByCommand(job, command));

const text = v.optional(v.union([v.string(), v.number()]));
const WorkflowStep = v.object({ run: text, job: text, step: text, key: text });

const isRequestedIn = (job: Job, comment: JobSource): boolean => {
  const { origin } = job;
  const { thread, event } = comment;
  if (!isInRepository(job, comment) || (origin.thread?.number ?? 0) !== thread.number) return false;
  if (event.kind !== 'run')
    return getRequestComment(origin)?.id === comment.comment.id && isRequestedBy(origin, comment.author);
  // A re-run continues with the job of an earlier attempt.
  const { run, job: name, step, key } = event.step;
  const requested = v.safeParse(WorkflowStep, origin['workflow']);
  return (
    requested.success &&
    [requested.output.run, requested.output.job, requested.output.step, requested.output.key ?? ''].every(
      (part, n) => String(part) === String([run, name, step, key][n]),
    )
  );
};

const isRequestedBy = (origin: Origin, { id, login }: IncomingComment['author']): boolean => {
  const { requester } = parseNotes(origin);
  return requester === null ? origin.sender === login : requester === id;
};

const scalar = v.union([v.string(), v.number(), v.boolean()]);
/** The request of a task's job as the orchestrator shows it. */
export const TaskRequestView = v.object({
  taskName: v.string(),
  parameters: v.array(v.object({ name: v.string(), value: v.string() })),
});
/** The request of a computation's job as the orchestrator shows it. */
export const ComputeRequestView = v.object({
  inputCount: v.number(),
  algorithm: v.string(),
  parameters: v.record(v.string(), scalar),
  blockSize: v.optional(v.number()),
  timeoutSeconds: v.optional(v.number()),
  inputs: v.optional(v.unknown()),
});

const doesCommandWork = (job: Job, command: Command): boolean => {
  const { name, positionals, parameters } = command;
  const [subject] = positionals;
  if (name === 'retry')
    return job.retryOf !== null && (subject === undefined || job.retryOf.startsWith(subject));
  if (name === 'run') {
    const task = v.safeParse(TaskRequestView, job.request);
    return (
      job.kind === 'task' &&
      task.success &&
      task.output.taskName === subject &&
      matchesValues(task.output.parameters, parameters)
    );
  }
  const work = v.safeParse(ComputeRequestView, job.request);
  const reading = interpret(command, []);
  return (
    job.kind === 'compute' &&
    work.success &&
    'intent' in reading &&
    reading.intent.kind === 'compute' &&
    matchesIntent(work.output, reading.intent)
  );
};

/** The values that the orchestrator fills in for missing parameters, by algorithm. Algorithms without defaults are left out. */
export const algorithmDefaults: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'monte-carlo-pi': { seed: 0, samples: 1_000 },
};

/**
 * Returns whether a command alone determines what its job does: the content of a file of inputs and the job to retry are not part of
 * a command, and what it leaves out must have its default value.
 */
const isDeterminedByCommand = ({ request }: Job, { name, parameters: given }: Command): boolean => {
  if (name === 'run') return true;
  const work = v.safeParse(ComputeRequestView, request);
  if (name !== 'compute' || !work.success || work.output.inputs !== undefined) return false;
  const { algorithm, parameters } = work.output;
  const defaults = Object.hasOwn(algorithmDefaults, algorithm) ? algorithmDefaults[algorithm] : undefined;
  return (
    algorithm === (given['algorithm'] ?? defaultAlgorithm) &&
    Object.entries(parameters).every(
      ([key, value]) =>
        Object.hasOwn(given, key) || (defaults && Object.hasOwn(defaults, key) && defaults[key] === value),
    )
  );
};

const matchesValues = (
  has: readonly { name: string; value: string }[],
  given: Readonly<Record<string, string>>,
): boolean =>
  has.length === Object.keys(given).length &&
  has.every(({ name, value }) => Object.hasOwn(given, name) && (value === given[name] || isMasked(value)));

/** Returns whether a computation has the given values. The orchestrator fills in missing ones and formats numbers its own way. */
const matchesIntent = (
  work: v.InferOutput<typeof ComputeRequestView>,
  { inputs, algorithm, blockSize, timeoutSeconds, parameters }: Extract<Intent, { kind: 'compute' }>,
): boolean =>
  ('count' in inputs
    ? work.inputs === undefined && inputs.count === work.inputCount
    : work.inputs !== undefined) &&
  matchesIfGiven(work.algorithm, algorithm) &&
  matchesIfGiven(work.blockSize, blockSize) &&
  matchesIfGiven(work.timeoutSeconds, timeoutSeconds) &&
  Object.entries(parameters).every(([name, value]) => matchesValue(work.parameters[name], value));

/** Returns whether a shown value equals the given one; true if either is missing. */
const matchesIfGiven = <T>(shown: T | undefined, given: T | undefined): boolean =>
  shown === undefined || given === undefined || shown === given;

const matchesValue = (has: v.InferOutput<typeof scalar> | undefined, given: string): boolean =>
  typeof has === 'number' ? given.trim() !== '' && Number(given) === has : String(has) === given;

import * as v from 'valibot';
import type { Job, Origin } from '../../compute/client/index.ts';
import type { Command } from '../command/index.ts';
import type { IncomingComment } from '../github/port.ts';
import { isOfRepository } from './find.ts';
import { notesOf } from './notes.ts';
import { isMasked } from './values.ts';
import { isVouched } from './vouched.ts';

/**
 * Whether a job that is known by a command's id is what the command asks for, so that it needs no second look: the id alone proves
 * nothing, since it derives from public facts. Conditions do not count, for the policy may have changed since. Of a job that somebody
 * else started, the orchestrator decides, which compares all of the request.
 */
export const isJobOf = (job: Job, command: Command, comment: IncomingComment): boolean =>
  isVouched(job) && isAskedIn(job, comment) && doesWork(job, command);

const text = v.optional(v.union([v.string(), v.number()]));
const Step = v.object({ run: text, job: text, step: text, key: text });

const isAskedIn = (job: Job, comment: IncomingComment): boolean => {
  const { origin } = job;
  const { thread, event } = comment;
  if (!isOfRepository(job, comment) || (origin.thread?.number ?? 0) !== thread.number) return false;
  if (event.kind !== 'run')
    return origin.comment?.id === comment.comment.id && isAskedBy(origin, comment.author);
  // Whoever starts a run again goes on with the job of an earlier attempt.
  const { run, job: name, step, key } = event.step;
  const asked = v.safeParse(Step, origin['workflow']);
  return (
    asked.success &&
    [asked.output.run, asked.output.job, asked.output.step, asked.output.key ?? ''].every(
      (part, n) => String(part) === String([run, name, step, key][n]),
    )
  );
};

const isAskedBy = (origin: Origin, { id, login }: IncomingComment['author']): boolean => {
  const { requester } = notesOf(origin);
  return requester === null ? origin.sender === login : requester === id;
};

const scalar = v.union([v.string(), v.number(), v.boolean()]);
const Task = v.object({
  taskName: v.string(),
  parameters: v.array(v.object({ name: v.string(), value: v.string() })),
});
const Computation = v.object({
  inputCount: v.number(),
  algorithm: v.string(),
  parameters: v.record(v.string(), scalar),
  inputs: v.optional(v.unknown()),
});

const doesWork = (job: Job, { name, positionals: [subject], parameters }: Command): boolean => {
  if (name === 'retry') return job.retryOf !== null && (subject === undefined || job.retryOf === subject);
  if (name === 'run') {
    const task = v.safeParse(Task, job.request);
    return task.success && task.output.taskName === subject && haveValues(task.output.parameters, parameters);
  }
  const work = v.safeParse(Computation, job.request);
  return job.kind === 'compute' && work.success && computes(work.output, subject, parameters);
};

const haveValues = (
  has: readonly { name: string; value: string }[],
  given: Readonly<Record<string, string>>,
): boolean =>
  has.length === Object.keys(given).length &&
  has.every(({ name, value }) => Object.hasOwn(given, name) && (value === given[name] || isMasked(value)));

/** What is given has to be so; the orchestrator fills in what is not, and writes numbers its own way. */
const computes = (
  { inputCount, algorithm, parameters, inputs }: v.InferOutput<typeof Computation>,
  count: string | undefined,
  {
    inputs: file,
    algorithm: named = algorithm,
    blockSize: _size,
    timeout: _time,
    ...given
  }: Command['parameters'],
): boolean =>
  (count === undefined || Number(count) === inputCount) &&
  (file === undefined) === (inputs === undefined) &&
  named === algorithm &&
  Object.entries(given).every(([name, value]) => isValue(parameters[name], value));

const isValue = (has: v.InferOutput<typeof scalar> | undefined, given: string): boolean =>
  has !== undefined && (String(has) === given || Number(has) === Number(given));

import type { Job } from '../../compute/client/index.ts';
import * as v from 'valibot';
import { spoken, type Command, type StartIntent } from '../command/index.ts';
import {
  endedBefore,
  isMasked,
  jobOfRepository,
  jobsOfThread,
  secretsOf,
  type StartOrder,
} from '../job/index.ts';
import * as say from '../reply/answers/index.ts';
import { subjectOf } from '../authorization.ts';
import { refused, type Outcome, type Visit } from '../command-context.ts';
import { mustRun } from './require-permission.ts';
import { knownJob, start } from './start-job.ts';

type Retry = { command: Command; key: string; index: number; job: string | undefined };

/**
 * `/retry`: a new request by its writer for what an ended job was to do. Of a computation only the blocks run that have no
 * output yet; a task runs again as a whole.
 */
export const retry = async ({ job: id, ...place }: Retry, visit: Visit): Promise<Outcome> => {
  const known = await knownJob(place, visit);
  if (known) return known;
  const job = await meantBy(id, visit);
  if ('says' in job) return job;
  const denied = await mustRun('/retry', subjectOf(job), visit);
  if (denied) return denied;
  if (job.endedAt === null) return refused(say.notRetried('/retry', job, 'running'), 'running');
  if (job.state === 'completed') return refused(say.notRetried('/retry', job, 'completed'), 'completed');
  const intent = await intentOf(job, visit);
  if (typeof intent === 'string') return refused(say.notRetried('/retry', job, intent), intent);
  const order: StartOrder = { ...place, intent, retryOf: job };
  return start(order, visit);
};

const meantBy = async (id: string | undefined, visit: Visit): Promise<Job | Outcome> => {
  const { comment, ports } = visit;
  if (id !== undefined) {
    const job = await jobOfRepository(comment, id, ports.jobs);
    return job ?? refused(say.jobNotFound('/retry', id), 'not-found');
  }
  const jobs = await jobsOfThread(comment, ports.jobs);
  const isRetried = ({ id, ...job }: Job): boolean =>
    jobs.some((other) => other.retryOf === id && workOf(other) === workOf(job));
  const fitting = jobs.filter(
    (job) => endedBefore(job, comment) && job.state !== 'completed' && !isRetried(job),
  );
  const [only] = fitting;
  if (!only)
    return refused(
      say.nothingToDo('/retry', 'no job of this thread has failed and was not retried'),
      'nothing-fits',
    );
  return fitting.length === 1
    ? only
    : refused(say.candidates(spoken('/retry', visit.grammar), fitting), 'several-fit');
};

/** Returns what a job does. A job that claims to be a retry but does something else does not count as one. */
const workOf = ({ kind, request }: Pick<Job, 'kind' | 'request'>): string => {
  const { taskName, algorithm, inputCount, parameters } = request;
  return JSON.stringify([kind, taskName, algorithm, inputCount, parameters]);
};

const TaskView = v.object({
  taskName: v.string(),
  parameters: v.array(v.object({ name: v.string(), value: v.string() })),
});
const scalar = v.union([v.string(), v.number(), v.boolean()]);
const ComputeView = v.object({
  algorithm: v.string(),
  inputCount: v.number(),
  blockSize: v.optional(v.number()),
  timeoutSeconds: v.optional(v.number()),
  parameters: v.record(v.string(), scalar),
});

/** What a job was asked to do, as if it were asked for now; or why nobody can ask for it again. */
const intentOf = async (job: Job, visit: Visit): Promise<StartIntent | 'secret' | 'gone'> => {
  if (job.kind === 'task') return taskIntent(job, visit);
  const { algorithm, inputCount, blockSize, timeoutSeconds, parameters } = v.parse(ComputeView, job.request);
  return {
    kind: 'compute',
    inputs: { count: inputCount },
    algorithm,
    ...(blockSize === undefined ? {} : { blockSize }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)])),
  };
};

/** Values of secret parameters are shown to nobody, so they have to be written again. */
const taskIntent = async (job: Job, visit: Visit): Promise<StartIntent | 'secret' | 'gone'> => {
  const { taskName, parameters } = v.parse(TaskView, job.request);
  const definition = (await visit.catalogue()).find((one) => one.taskName === taskName);
  if (!definition) return 'gone';
  const secrets = secretsOf(definition);
  // What was secret by the definition of then is masked still.
  if (parameters.some(({ name, value }) => secrets.includes(name) || isMasked(value))) return 'secret';
  return { kind: 'run', taskName, parameters };
};

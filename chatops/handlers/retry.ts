import type { Job } from '../../compute/client/index.ts';
import * as v from 'valibot';
import { withPrefix, type Command, type StartIntent } from '../command/index.ts';
import {
  hadEndedBefore,
  isMasked,
  findJob,
  listThreadJobs,
  getSecretNames,
  type StartOrder,
} from '../job/index.ts';
import * as say from '../reply/answers/index.ts';
import { toSubject } from '../authorization.ts';
import { refuse, type CommandOutcome, type CommandContext } from '../command-context.ts';
import { requireRunPermission } from './require-permission.ts';
import { findKnownJob, startJob } from './start-job.ts';

type RetryCommand = { command: Command; key: string; index: number; job: string | undefined };

/**
 * `/retry`: a new request by its writer for what an ended job was to do. Of a computation only the blocks run that have no
 * output yet; a task runs again as a whole.
 */
export const retry = async (
  { job: id, ...place }: RetryCommand,
  visit: CommandContext,
): Promise<CommandOutcome> => {
  const known = await findKnownJob(place, visit);
  if (known) return known;
  const job = await findJobToRetry(id, visit);
  if ('says' in job) return job;
  const denied = await requireRunPermission('/retry', toSubject(job), visit);
  if (denied) return denied;
  if (job.endedAt === null) return refuse(say.renderRetryRefusal('/retry', job, 'running'), 'running');
  if (job.state === 'completed')
    return refuse(say.renderRetryRefusal('/retry', job, 'completed'), 'completed');
  const intent = await toIntent(job, visit);
  if (typeof intent === 'string') return refuse(say.renderRetryRefusal('/retry', job, intent), intent);
  const order: StartOrder = { ...place, intent, retryOf: job };
  return startJob(order, visit);
};

const findJobToRetry = async (
  id: string | undefined,
  visit: CommandContext,
): Promise<Job | CommandOutcome> => {
  const { comment, ports } = visit;
  if (id !== undefined) {
    const job = await findJob(comment, id, ports.jobs);
    return job ?? refuse(say.renderJobNotFound('/retry', id), 'not-found');
  }
  const jobs = await listThreadJobs(comment, ports.jobs);
  const isRetried = ({ id, ...job }: Job): boolean =>
    jobs.some((other) => other.retryOf === id && toWorkKey(other) === toWorkKey(job));
  const fitting = jobs.filter(
    (job) => hadEndedBefore(job, comment) && job.state !== 'completed' && !isRetried(job),
  );
  const [only] = fitting;
  if (!only)
    return refuse(
      say.renderNothingToDo('/retry', 'no job of this thread has failed and was not retried'),
      'nothing-fits',
    );
  return fitting.length === 1
    ? only
    : refuse(say.renderAmbiguousJob(withPrefix('/retry', visit.grammar), fitting), 'several-fit');
};

/** Returns what a job does. A job that claims to be a retry but does something else does not count as one. */
const toWorkKey = ({ kind, request }: Pick<Job, 'kind' | 'request'>): string => {
  const { taskName, algorithm, inputCount, parameters } = request;
  return JSON.stringify([kind, taskName, algorithm, inputCount, parameters]);
};

const TaskRequestView = v.object({
  taskName: v.string(),
  parameters: v.array(v.object({ name: v.string(), value: v.string() })),
});
const scalar = v.union([v.string(), v.number(), v.boolean()]);
const ComputeRequestView = v.object({
  algorithm: v.string(),
  inputCount: v.number(),
  blockSize: v.optional(v.number()),
  timeoutSeconds: v.optional(v.number()),
  parameters: v.record(v.string(), scalar),
});

/** What a job was asked to do, as if it were asked for now; or why nobody can ask for it again. */
const toIntent = async (job: Job, visit: CommandContext): Promise<StartIntent | 'secret' | 'gone'> => {
  if (job.kind === 'task') return toTaskIntent(job, visit);
  const { algorithm, inputCount, blockSize, timeoutSeconds, parameters } = v.parse(
    ComputeRequestView,
    job.request,
  );
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
const toTaskIntent = async (job: Job, visit: CommandContext): Promise<StartIntent | 'secret' | 'gone'> => {
  const { taskName, parameters } = v.parse(TaskRequestView, job.request);
  const definition = (await visit.catalogue()).find((one) => one.taskName === taskName);
  if (!definition) return 'gone';
  const secrets = getSecretNames(definition);
  // What was secret by the definition of then is masked still.
  if (parameters.some(({ name, value }) => secrets.includes(name) || isMasked(value))) return 'secret';
  return { kind: 'run', taskName, parameters };
};

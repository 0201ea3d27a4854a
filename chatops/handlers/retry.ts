import * as v from 'valibot';
import type { Job } from '../../compute/client/index.ts';
import { toSubject } from '../authorization.ts';
import type { CatalogueTask, CommandContext } from '../command-context.ts';
import { failWith, refuse, type Refusal } from '../command-outcome.ts';
import { withPrefix, type StartIntent } from '../command/index.ts';
import { getSecretNames, hadEndedBefore, isMasked, listThreadJobs } from '../job/index.ts';
import { ComputeRequestView, TaskRequestView } from '../job/verify-job.ts';
import * as answers from '../reply/answers/index.ts';
import { fail, succeed, type Result } from '../result.ts';
import { draftCompute } from './compute.ts';
import type { Handler } from './handler.ts';
import { findNamedJob } from './named-job.ts';
import { requireRunPermission } from './require-permission.ts';
import { draftTask } from './run.ts';
import { findKnownJob, startJob } from './start-job.ts';

/**
 * `/retry`: requests the work of an ended job again, in the name of the comment's author. A computation runs only the blocks without
 * output; a task runs again from the start.
 */
export const retry: Handler<'retry'> = async ({ intent: { job: id }, ...selected }, context) => {
  const known = await findKnownJob(selected, context);
  if (known) return known;
  const found = id === undefined ? await findJobToRetry(context) : await findNamedJob('/retry', id, context);
  if (!found.ok) return found.refusal;
  const { value: job } = found;
  const denied = await requireRunPermission('/retry', toSubject(job), context);
  if (denied) return denied;
  const rebuilt = await rebuildIntent(job, context);
  if (!rebuilt.ok) return refuse(answers.renderRetryRefusal('/retry', job, rebuilt.refusal), rebuilt.refusal);
  const { value: intent } = rebuilt;
  const order = { ...selected, intent, retryOf: job };
  return startJob(order, context, () =>
    intent.kind === 'run'
      ? draftTask(intent, context)
      : draftCompute({ ...order, intent }, context, { store: true }),
  );
};

const findJobToRetry = async ({ comment, ports, grammar }: CommandContext): Promise<Result<Job, Refusal>> => {
  const jobs = await listThreadJobs(comment, ports.jobs);
  const isRetried = ({ id, ...job }: Job): boolean =>
    jobs.some((other) => other.retryOf === id && toWorkKey(other) === toWorkKey(job));
  const candidates = jobs.filter(
    (job) => hadEndedBefore(job, comment) && job.state !== 'completed' && !isRetried(job),
  );
  const [only, ...others] = candidates;
  if (!only) {
    const text = 'this thread has no failed job left to retry';
    return failWith(answers.renderNothingToDo('/retry', text), 'nothing-fits');
  }
  return others.length === 0
    ? succeed(only)
    : failWith(answers.renderAmbiguousJob(withPrefix('/retry', grammar), candidates), 'several-fit');
};

/** Returns a key of what a job does. A job that claims to be a retry but does something else does not count as one. */
const toWorkKey = ({ kind, request }: Pick<Job, 'kind' | 'request'>): string => {
  const { taskName, algorithm, inputCount, parameters } = request;
  return JSON.stringify([kind, taskName, algorithm, inputCount, parameters]);
};

type RetryObstacle = Parameters<typeof answers.renderRetryRefusal>[2];

/** Returns what a job was requested to do, as a new request; or why it cannot be requested again. */
const rebuildIntent = async (
  job: Job,
  context: CommandContext,
): Promise<Result<StartIntent, RetryObstacle>> => {
  if (job.endedAt === null) return fail('running');
  if (job.state === 'completed') return fail('completed');
  return job.kind === 'task' ? rebuildTask(job, await context.catalogue()) : succeed(rebuildComputation(job));
};

const rebuildComputation = ({ request }: Job): StartIntent => {
  const { algorithm, inputCount, blockSize, timeoutSeconds, parameters } = v.parse(
    ComputeRequestView,
    request,
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

/** Values of secret parameters are not stored in a readable form: the person has to write them again. */
const rebuildTask = (
  { request }: Job,
  catalogue: readonly CatalogueTask[],
): Result<StartIntent, RetryObstacle> => {
  const { taskName, parameters } = v.parse(TaskRequestView, request);
  const definition = catalogue.find((task) => task.taskName === taskName);
  if (!definition) return fail('gone');
  const secrets = getSecretNames(definition);
  // A value is also masked if its parameter was secret only in the definition that the job used.
  if (parameters.some(({ name, value }) => secrets.includes(name) || isMasked(value))) return fail('secret');
  return succeed({ kind: 'run', taskName, parameters });
};
